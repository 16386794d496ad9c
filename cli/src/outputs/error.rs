//! Why an output cannot be kept.

use std::path::PathBuf;

/// Why an output cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The place is none where a file can be made.
    #[error("cannot write `{}`: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The directory does not take files.
    #[error("cannot write files to `{}`: {source}", .directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file came in a form that is none.
    #[error("the model's output is not a valid data URL: {0}")]
    DataUrl(&'static str),
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Directory { .. } => Some("name another place with `-o FILE`".to_owned()),
            _ => None,
        }
    }
}
