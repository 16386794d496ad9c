//! CUDA versions and the images that have them.

use serde::Serialize;

/// The CUDA a GPU model is built for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cuda {
    /// Full version, `13.0.3`.
    pub version: String,
    /// Major version of cuDNN.
    pub cudnn: String,
    /// Ubuntu release of the images, `24.04`.
    pub ubuntu: String,
    /// What decided the version, in words.
    pub reason: String,
    /// Libraries that the model opens at run time without linking them, without `lib` and suffix.
    pub libraries: Vec<String>,
}
