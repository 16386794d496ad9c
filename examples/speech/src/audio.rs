//! Sound files: from WAV to one channel of samples between -1 and 1.

use std::path::Path;

use hound::{SampleFormat, WavReader};

use crate::detector::Result;

/// The samples of a WAV file, its channels mixed into one; `rate` is the only sampling rate allowed, in hertz.
pub fn read(path: &Path, rate: u32) -> Result<Vec<f32>> {
    let reader = WavReader::open(path).map_err(|error| format!("`audio` is no WAV file: {error}"))?;
    let format = reader.spec();
    if format.sample_rate != rate {
        return Err(format!(
            "`audio` has {} samples a second and this model hears {rate}: try `sox in.wav -r {rate} out.wav`",
            format.sample_rate
        )
        .into());
    }
    let samples: Vec<f32> = match format.sample_format {
        SampleFormat::Float => reader.into_samples::<f32>().collect::<hound::Result<_>>()?,
        SampleFormat::Int => {
            let loudest = (1_i64 << (format.bits_per_sample - 1)) as f32;
            reader.into_samples::<i32>().map(|s| Ok(s? as f32 / loudest)).collect::<hound::Result<_>>()?
        }
    };
    let channels = usize::from(format.channels);
    Ok(samples.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32).collect())
}
