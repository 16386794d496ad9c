//! Why a project cannot be planned.

use super::Platform;
use crate::cuda::{Architecture, Unsupported};
use crate::reference::BadReference;

/// Why a project cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Images for GPUs are made for one platform only.
    #[error("a GPU model's image is made for linux/amd64, and not for {0}")]
    Platform(Platform),
    /// The name of the image is none.
    #[error(transparent)]
    Name(#[from] BadReference),
    /// No image has the CUDA or cuDNN that is needed.
    #[error("{reason} needs a base image, and {source}")]
    Cuda {
        /// What decided the version.
        reason: String,
        /// What there is.
        source: Unsupported,
    },
    /// Two packages need different versions.
    #[error("{one} needs CUDA {first}, but {other} needs CUDA {second}")]
    Conflict {
        /// One package.
        one: String,
        /// What it needs.
        first: String,
        /// The other package.
        other: String,
        /// What that one needs.
        second: String,
    },
    /// `build.cuda` is one that a package cannot be compiled with.
    #[error("{package} is made for CUDA {needed}, and `build.cuda` is {given}")]
    Mismatch {
        /// The package.
        package: String,
        /// What it needs.
        needed: String,
        /// What was asked for.
        given: String,
    },
    /// The CUDA does not compile for an architecture.
    #[error(transparent)]
    Architecture(crate::cuda::Mismatch),
    /// More architectures than a package can be compiled for.
    #[error("{package} is compiled for one architecture, and `build.cuda_architectures` names several")]
    ManyArchitectures {
        /// The package.
        package: String,
        /// The lowest of them.
        lowest: Architecture,
    },
    /// A package whose needs are not known.
    #[error("which CUDA {package} needs is not known")]
    Unknown {
        /// The package.
        package: String,
    },
}

impl PlanError {
    /// What the author can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Platform(_) => Some("leave `--platform` out".into()),
            Self::Name(_) => Some("write it like `registry.example.com/me/name:tag`, in lower case".into()),
            Self::Cuda { source, .. } => Some(source.hint()),
            Self::Conflict { .. } => Some("align the versions or features of the two in `Cargo.toml`".into()),
            Self::Mismatch { needed, .. } => Some(format!(
                "write `cuda: \"{needed}\"`, or take the key out; else change the package's version or features"
            )),
            Self::Architecture(source) => Some(source.hint()),
            Self::ManyArchitectures { lowest, .. } => Some(format!(
                "name the lowest, `[\"{lowest}\"]`: below 9.0, drivers of later GPUs compile most kernels anew; \
                 or build an image for each"
            )),
            Self::Unknown { .. } => {
                Some("say it with `build.cuda` in `cog.yaml`, for example \"13.0\"".into())
            }
        }
    }
}
