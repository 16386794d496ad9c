//! Why the host did not make an image.

use std::path::PathBuf;

use crate::context::ContextError;
use crate::{compile, local, oci};

/// A result of building on the host.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the host did not make an image.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The model does not compile.
    #[error(transparent)]
    Compile(#[from] compile::Error),
    /// The model does not say what it is.
    #[error(transparent)]
    Local(#[from] local::Error),
    /// A file cannot be read.
    #[error(transparent)]
    Content(#[from] ContextError),
    /// The image cannot be written.
    #[error(transparent)]
    Image(#[from] oci::Error),
    /// This machine does not compile for that one.
    #[error("{0}")]
    Target(String),
    /// The binary cannot be understood.
    #[error("cannot tell which libraries `{}` links: {reason}", .binary.display())]
    Binary {
        /// The binary.
        binary: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Libraries that are not on this machine.
    #[error("the model links libraries that are not here: {}", .0.join(", "))]
    Missing(Vec<String>),
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Compile(compile::Error::NoCargo(_)) => {
                Some("install Rust from https://rustup.rs, or build with `--builder docker`".to_owned())
            }
            Self::Compile(error) => error.hint(),
            Self::Local(error) => error.hint(),
            Self::Content(error) => error.hint(),
            Self::Image(error) => error.hint(),
            Self::Target(_) => None,
            Self::Binary { .. } => Some("`--builder docker` compiles in an image instead".to_owned()),
            Self::Missing(_) => Some(
                "install them, or name their packages in `build.system_packages` and let the engine build"
                    .to_owned(),
            ),
        }
    }
}
