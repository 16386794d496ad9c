//! Why an image cannot be written.

use std::io;
use std::path::PathBuf;

use crate::context::ContextError;

/// A result of writing an image.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an image cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of it cannot be read.
    #[error(transparent)]
    Content(#[from] ContextError),
    /// A place cannot be written to.
    #[error("cannot write `{}`: {source}", .path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A directory that holds something else.
    #[error("`{}` holds files, but no OCI layout", .0.display())]
    Occupied(PathBuf),
    /// An OCI layout of other images.
    #[error("`{}` holds other images", .0.display())]
    Shared(PathBuf),
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Content(error) => error.hint(),
            Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("the disk is full: make room and run the command again".to_owned())
            }
            Self::Write { .. } => None,
            Self::Occupied(_) | Self::Shared(_) => Some("name an empty or a new directory".to_owned()),
        }
    }
}
