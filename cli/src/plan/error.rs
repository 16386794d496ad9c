//! Why a project cannot be planned.

use crate::cuda::Unsupported;
use crate::reference::BadReference;

/// Why a project cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
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
            Self::Name(_) => Some("write it like `registry.example.com/me/name:tag`, in lower case".into()),
            Self::Cuda { source, .. } => Some(source.hint()),
            Self::Conflict { first, .. } => {
                Some(format!("align the versions, or decide with `build.cuda: \"{first}\"`"))
            }
            Self::Unknown { .. } => {
                Some("say it with `build.cuda` in `cog.yaml`, for example \"13.0\"".into())
            }
        }
    }
}
