//! What became of an output.

use std::fmt;
use std::path::PathBuf;

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
        let (path, size) = (self.path.display(), self.size);
        match size {
            0..1024 => write!(f, "{path} ({size} bytes)"),
            1024..0x10_0000 => write!(f, "{path} ({}.{} KiB)", size >> 10, ((size & 0x3ff) * 10) >> 10),
            _ => write!(f, "{path} ({}.{} MiB)", size >> 20, ((size & 0xf_ffff) * 10) >> 20),
        }
    }
}
