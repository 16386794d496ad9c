//! How an engine's work is shown to a person, always on the standard error stream.
//!
//! Owns the three ways: live on a terminal, line by line elsewhere, or not at all. In each of them a step's output is
//! kept back and shown, whole and unchanged, when the step fails: a compiler's words are not drowned in its progress.

use std::io::{self, IsTerminal};
use std::str::FromStr;

use crate::engine::Progress;

mod name;
mod plain;
mod transcript;
mod tty;

pub(crate) use name::one_line;
pub use plain::Plain;
pub use tty::Terminal;

/// `--progress`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Live on a terminal, lines elsewhere.
    #[default]
    Auto,
    /// Live.
    Tty,
    /// Lines.
    Plain,
    /// Failures only.
    Quiet,
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "tty" => Ok(Self::Tty),
            "plain" => Ok(Self::Plain),
            "quiet" => Ok(Self::Quiet),
            _ => Err(format!("`{text}` is none of `auto`, `tty`, `plain`, `quiet`")),
        }
    }
}

impl Mode {
    /// Something that shows progress this way.
    pub fn renderer(self) -> Box<dyn Progress> {
        match self {
            Self::Quiet => Box::new(Plain::failures_only(io::stderr())),
            Self::Tty => Box::new(Terminal::new()),
            Self::Auto if is_live() => Box::new(Terminal::new()),
            Self::Auto | Self::Plain => Box::new(Plain::new(io::stderr())),
        }
    }
}

fn is_live() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
