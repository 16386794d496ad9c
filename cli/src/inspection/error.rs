//! Why an image cannot be looked at.

use std::io;
use std::path::PathBuf;

/// A result of looking at an image.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an image cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The registry gave up.
    #[error(transparent)]
    Registry(#[from] crate::registry::Error),
    /// The engine gave up.
    #[error(transparent)]
    Engine(#[from] crate::engine::Error),
    /// It is nowhere.
    #[error("there is no image `{0}`")]
    Nowhere(String),
    /// A file of a directory cannot be read.
    #[error("cannot read `{}`: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A document is none of an image.
    #[error("`{name}` is no image: {reason}")]
    NoImage {
        /// What was looked at.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Registry(error) => error.hint(),
            Self::Engine(error) => error.hint(),
            Self::Nowhere(_) => Some("check the name and the tag".to_owned()),
            Self::Read { .. } => {
                Some("`oci:DIR` is a directory that `cog build --output oci:DIR` wrote".to_owned())
            }
            Self::NoImage { .. } => None,
        }
    }
}
