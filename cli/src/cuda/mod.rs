//! The CUDA images there are, and which one serves a version.
//!
//! Owns the table of `nvidia/cuda` tags and the rules of choice: the highest patch, then the highest Ubuntu; and which
//! code runs on which GPU. Knows nothing of who asks.

mod architecture;
pub mod compiled;
mod version;

use serde::Deserialize;

pub use architecture::{Architecture, Mismatch};
pub use compiled::{LABEL, QUERY, Reach, Target, findings};
pub use version::Version;

/// The published tags: each row is a builder (`-devel-`) with cuDNN, and the images without a compiler beside it.
const TAGS: &str = include_str!("tags.json");

/// One published builder image and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Image {
    /// Tag of the builder image.
    pub tag: String,
    /// Full CUDA version.
    pub cuda: Version,
    /// Major version of cuDNN.
    pub cudnn: String,
    /// Ubuntu release.
    pub ubuntu: String,
    /// Tag of the image that a model runs on: the driver's interface and nothing else.
    pub base: String,
}

/// Why no image serves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// No image has the CUDA version.
    #[error("there is no image for CUDA {cuda}")]
    Cuda {
        /// What was asked for.
        cuda: Version,
        /// The versions there are, `major.minor`, highest first.
        known: Vec<String>,
    },
    /// There are images, but with another cuDNN.
    #[error("CUDA {cuda} has no image with cuDNN {cudnn}")]
    Cudnn {
        /// The CUDA version.
        cuda: Version,
        /// What was asked for.
        cudnn: String,
        /// The cuDNN majors there are.
        known: Vec<String>,
    },
}

impl Unsupported {
    /// What to write instead.
    pub fn hint(&self) -> String {
        match self {
            Self::Cuda { cuda, known } if known.contains(&cuda.minor_only().to_string()) => {
                format!("write `\"{}\"`, which stands for its latest patch", cuda.minor_only())
            }
            Self::Cuda { known, .. } => format!("choose one of {}", known.join(", ")),
            Self::Cudnn { cuda, known, .. } => {
                format!(
                    "CUDA {cuda} comes with cuDNN {}; write that, or take `cudnn` out",
                    known.join(" or ")
                )
            }
        }
    }
}

/// Every published image, in the table's order.
fn table() -> Vec<Image> {
    serde_json::from_str(TAGS).unwrap_or_default()
}

/// The versions there are images of, `major.minor`, highest first.
pub fn versions() -> Vec<String> {
    let mut known: Vec<Version> = table().iter().map(|image| image.cuda.minor_only()).collect();
    known.sort_unstable();
    known.dedup();
    known.iter().rev().map(ToString::to_string).collect()
}

/// The image for a CUDA version and, where it is given, a cuDNN major.
///
/// # Errors
/// No image has the pair; the error lists what there is.
pub fn find(cuda: &Version, cudnn: Option<&str>) -> Result<Image, Unsupported> {
    let table = table();
    let fitting: Vec<&Image> = table.iter().filter(|image| cuda.admits(&image.cuda)).collect();
    if fitting.is_empty() {
        return Err(Unsupported::Cuda { cuda: *cuda, known: versions() });
    }
    let best = fitting
        .iter()
        .filter(|image| cudnn.is_none_or(|cudnn| image.cudnn == cudnn))
        .max_by(|one, other| (one.cuda, &one.ubuntu).cmp(&(other.cuda, &other.ubuntu)));
    if let Some(image) = best {
        return Ok((*image).clone());
    }
    let mut known: Vec<String> = fitting.iter().map(|image| image.cudnn.clone()).collect();
    known.dedup();
    Err(Unsupported::Cudnn { cuda: *cuda, cudnn: cudnn.unwrap_or_default().to_owned(), known })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(cuda: &str) -> String {
        cuda.parse::<Version>()
            .map_err(|error| error.to_string())
            .and_then(|version| {
                find(&version, None).map(|image| image.tag).map_err(|error| error.to_string())
            })
            .unwrap_or_else(|error| error)
    }

    #[test]
    fn the_table_is_read_whole() {
        assert_eq!(table().len(), 83);
    }

    #[test]
    fn every_builder_has_images_without_a_compiler_of_the_same_version_and_ubuntu() {
        let rows: Vec<serde_json::Value> = serde_json::from_str(TAGS).unwrap_or_default();
        for row in rows {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let (cuda, ubuntu) = (text("cuda"), text("ubuntu"));
            assert_eq!(text("base"), format!("{cuda}-base-ubuntu{ubuntu}"));
            assert_eq!(text("runtime"), format!("{cuda}-runtime-ubuntu{ubuntu}"));
            assert_eq!(text("cudnn_runtime"), text("tag").replace("devel", "runtime"));
        }
    }

    #[test]
    fn a_minor_version_gets_its_highest_patch_and_ubuntu() {
        assert_eq!(chosen("11.6"), "11.6.2-cudnn8-devel-ubuntu20.04");
        assert_eq!(chosen("11.8"), "11.8.0-cudnn8-devel-ubuntu22.04");
        assert_eq!(chosen("12.3"), "12.3.2-cudnn9-devel-ubuntu22.04");
        assert_eq!(chosen("12.6"), "12.6.3-cudnn-devel-ubuntu24.04");
        assert_eq!(chosen("13.0"), "13.0.3-cudnn-devel-ubuntu24.04");
    }

    #[test]
    fn a_patch_version_is_kept() {
        assert_eq!(chosen("12.6.1"), "12.6.1-cudnn-devel-ubuntu24.04");
        assert_eq!(chosen("11.6.1"), "11.6.1-cudnn8-devel-ubuntu20.04");
    }

    #[test]
    fn a_version_without_an_image_is_refused() {
        assert_eq!(chosen("12.7"), "there is no image for CUDA 12.7");
        assert_eq!(chosen("12.6.9"), "there is no image for CUDA 12.6.9");
    }

    #[test]
    fn a_cudnn_of_another_cuda_is_refused_with_the_right_one() -> Result<(), Box<dyn std::error::Error>> {
        let Err(error) = find(&"12.6".parse()?, Some("8")) else { return Err("accepted".into()) };
        assert_eq!(error.to_string(), "CUDA 12.6 has no image with cuDNN 8");
        assert_eq!(error.hint(), "CUDA 12.6 comes with cuDNN 9; write that, or take `cudnn` out");
        Ok(())
    }
}
