//! Finds where somebody speaks in a recording.

mod audio;
mod detector;
mod segments;

use cog::prelude::*;
use detector::{Detector, FRAME, RATE};
use segments::Rules;

/// Speech shorter than this is noise, in seconds.
const SHORTEST: f64 = 0.25;

/// Silero VAD, a small network that tells speech from everything else.
struct Listener {
    detector: Detector,
}

/// What was heard.
#[derive(cog::Output)]
struct Heard {
    /// Length of the recording in seconds
    duration: f64,
    /// How much of it is speech, from 0 to 1
    share: f64,
    /// Stretches of speech, in order
    segments: Vec<Segment>,
}

/// A stretch of speech.
#[derive(cog::Output)]
struct Segment {
    /// Where it starts, in seconds
    start: f64,
    /// Where it ends, in seconds
    end: f64,
}

#[cog::predictor]
impl Listener {
    fn setup(ctx: &Setup) -> detector::Result<Self> {
        let detector = Detector::load(&ctx.weights("weights/silero_vad_16k_sequence.onnx")?)?;
        Ok(Self { detector })
    }

    fn predict(
        &self,
        /// Recording: WAV, 16,000 samples a second
        #[input(accept = "audio/wav")]
        audio: cog::Path,
        /// How sure the network must be that it hears speech
        #[input(default = 0.5, ge = 0.05, le = 0.95)]
        threshold: f32,
        /// Seconds of silence that part two stretches
        #[input(default = 0.1, ge = 0, le = 10)]
        silence: f64,
    ) -> detector::Result<Heard> {
        let samples = audio::read(&audio, RATE)?;
        let probabilities = self.detector.probabilities(&samples)?;
        let rules = Rules { threshold, min_silence: frames(silence), min_speech: frames(SHORTEST) };
        let found = segments::find(&probabilities, &rules);

        let duration = samples.len() as f64 / f64::from(RATE);
        let segments: Vec<_> = found
            .iter()
            .map(|stretch| Segment { start: seconds(stretch.start), end: seconds(stretch.end).min(duration) })
            .collect();
        let speech: f64 = segments.iter().map(|segment| segment.end - segment.start).sum();
        Ok(Heard { duration, share: if duration > 0.0 { speech / duration } else { 0.0 }, segments })
    }
}

fn seconds(frame: usize) -> f64 {
    (frame * FRAME) as f64 / f64::from(RATE)
}

fn frames(seconds: f64) -> usize {
    (seconds * f64::from(RATE) / FRAME as f64).ceil() as usize
}

fn main() -> ExitCode {
    cog::main::<Listener>()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn heard(audio: &str) -> detector::Result<Heard> {
        let weights = Path::new("weights/silero_vad_16k_sequence.onnx");
        assert!(weights.exists(), "no weights: run `../fetch-weights speech`");
        Listener { detector: Detector::load(weights)? }.predict(audio.into(), 0.5, 0.1)
    }

    #[test]
    fn both_sentences_are_found() {
        let heard = heard("speech.wav").unwrap();
        assert!((heard.duration - 5.76).abs() < 0.01, "{}", heard.duration);
        let found: Vec<_> = heard.segments.iter().map(|segment| (segment.start, segment.end)).collect();
        let [(a, b), (c, d)] = found[..] else { panic!("{found:?}") };
        for (found, expected) in [(a, 0.54), (b, 3.33), (c, 4.1), (d, 5.5)] {
            assert!((found - expected).abs() < 0.1, "{found} where {expected} was expected");
        }
    }

    #[test]
    fn what_is_no_recording_is_refused() {
        let outcome = heard("Cargo.toml");
        assert!(outcome.is_err_and(|error| error.to_string().contains("no WAV file")));
    }
}
