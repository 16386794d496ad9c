//! A container's streams in somebody's hands.

use std::pin::Pin;

use futures_util::stream::BoxStream;
use tokio::io::AsyncWrite;

use super::{LogChunk, Result};

/// What a container's streams are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    /// Three pipes.
    Pipes,
    /// One terminal.
    Terminal {
        /// How large it is when the command starts, where that is known. Engines older than 23.0 do not heed it.
        size: Option<TerminalSize>,
    },
}

/// How much fits on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Characters in a line.
    pub columns: u16,
    /// Lines.
    pub rows: u16,
}

/// The other end of a container's streams.
pub struct Attached {
    /// What it reads; shut down is end of file.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// What it writes, until it ends. A terminal's is all standard output.
    pub output: BoxStream<'static, Result<LogChunk>>,
}
