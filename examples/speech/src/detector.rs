//! The network: how likely is it that somebody speaks, for each 32 milliseconds of sound.

use std::error::Error;
use std::path::Path;

use rten::Model;
use rten_tensor::{AsView, NdTensor, Tensor};

/// Samples a second that the network was trained on.
pub const RATE: u32 = 16_000;
/// Samples that one probability stands for.
pub const FRAME: usize = 512;
/// Samples of the frame before that the network sees again with each frame.
const CONTEXT: usize = 64;
/// Frames in one run: 16 seconds, so that memory does not grow with the recording.
const BLOCK: usize = 512;

/// A value, or whatever went wrong.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A voice detector in memory.
pub struct Detector {
    network: Model,
}

impl Detector {
    /// Reads the network from an ONNX file.
    pub fn load(path: &Path) -> Result<Self> {
        Ok(Self { network: Model::load_file(path)? })
    }

    /// One probability between 0 and 1 for each frame, the last one filled up with silence.
    pub fn probabilities(&self, samples: &[f32]) -> Result<Vec<f32>> {
        let node = |name| self.network.node_id(name);
        let [input, hidden, cell] = [node("input")?, node("h")?, node("c")?];
        let outputs = [node("speech_probs")?, node("hn")?, node("cn")?];

        let mut memory = [NdTensor::<f32, 3>::zeros([1, 1, 128]), NdTensor::<f32, 3>::zeros([1, 1, 128])];
        let mut probabilities = Vec::with_capacity(samples.len().div_ceil(FRAME));
        for block in frames(samples).chunks(BLOCK * (CONTEXT + FRAME)) {
            let [h, c] = memory;
            let block =
                NdTensor::from_data([block.len() / (CONTEXT + FRAME), CONTEXT + FRAME], block.to_vec());
            let inputs = vec![(input, block.into()), (hidden, h.into()), (cell, c.into())];
            let [heard, h, c] = self.network.run_n(inputs, outputs, None)?;
            probabilities.extend(Tensor::try_from(heard)?.iter());
            memory = [h.try_into()?, c.try_into()?];
        }
        Ok(probabilities)
    }
}

/// Each frame with the end of the one before in front of it, one after the other.
fn frames(samples: &[f32]) -> Vec<f32> {
    let mut before = [0.0; CONTEXT];
    let mut frames = Vec::with_capacity(samples.len() * (CONTEXT + FRAME) / FRAME);
    for frame in samples.chunks(FRAME) {
        frames.extend_from_slice(&before);
        frames.extend_from_slice(frame);
        frames.resize(frames.len() + FRAME - frame.len(), 0.0);
        before.copy_from_slice(&frames[frames.len() - CONTEXT..]);
    }
    frames
}
