//! Why the build context cannot be made.

use std::path::PathBuf;

/// Why the build context cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// A file or directory that cannot be read.
    #[error("cannot read `{}` for the build: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Something that is no file, directory or link.
    #[error("`{}` is {kind}, which cannot be part of a build", .path.display())]
    Odd {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// A name that is not UTF-8.
    #[error("`{}` has a name that is not UTF-8", .0.display())]
    Name(PathBuf),
    /// A pattern that means nothing.
    #[error("`{}` line {line}: `{pattern}` is not a pattern: {reason}", .file.display())]
    Pattern {
        /// The ignore file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The pattern.
        pattern: String,
        /// Why not.
        reason: String,
    },
    /// A file that grew or shrank while it was read.
    #[error("`{}` changed while it was read", .0.display())]
    Changed(PathBuf),
    /// The tar cannot be written.
    #[error("cannot write the build context: {0}")]
    Write(std::io::Error),
}

impl ContextError {
    /// What the author can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { path, .. } | Self::Odd { path, .. } | Self::Name(path) => Some(format!(
                "if the model does not need it, put `{}` into `.dockerignore`",
                path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()
            )),
            Self::Changed(_) => Some("run the command again".into()),
            _ => None,
        }
    }
}
