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
    Terminal,
}

/// The other end of a container's streams.
pub struct Attached {
    /// What it reads; shut down is end of file.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// What it writes, until it ends. A terminal's is all standard output.
    pub output: BoxStream<'static, Result<LogChunk>>,
}
