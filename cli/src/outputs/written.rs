//! What became of an output.

use std::fmt;
use std::path::PathBuf;

use crate::size::Size;

/// What became of an output.
#[derive(Debug, Default)]
pub struct Written {
    /// What belongs on the standard output.
    pub stdout: String,
    /// Files that were written.
    pub files: Vec<WrittenFile>,
    /// What the caller should know besides.
    pub warnings: Vec<String>,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// Where.
    pub path: PathBuf,
    /// Bytes in it.
    pub size: u64,
}

impl fmt::Display for WrittenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.path.display(), Size(self.size))
    }
}
