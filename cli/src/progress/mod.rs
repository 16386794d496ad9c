//! How an engine's work is shown to a person, always on the standard error stream.
//!
//! Owns the ways: live on a terminal, line by line elsewhere, everything when that is asked for, or failures only. But
//! for everything, a step's output is kept back and shown, whole and unchanged, when the step fails: a compiler's words
//! are not drowned in its progress.

use std::io::{self, IsTerminal};
use std::str::FromStr;

use crate::engine::Progress;

mod name;
mod plain;
mod transcript;
mod tty;

pub(crate) use name::one_line;
pub use plain::{Detail, Plain};
pub use tty::Terminal;

/// `--progress`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Live on a terminal; elsewhere a line for each step, and what a failing one wrote.
    #[default]
    Auto,
    /// Live.
    Tty,
    /// A line for each step, and all that steps write.
    Plain,
    /// What a failing step wrote.
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
            Self::Quiet => Box::new(Plain::new(io::stderr(), Detail::Failures)),
            Self::Tty => Box::new(Terminal::new()),
            Self::Auto if is_live() => Box::new(Terminal::new()),
            Self::Auto => Box::new(Plain::new(io::stderr(), Detail::Steps)),
            Self::Plain => Box::new(Plain::new(io::stderr(), Detail::Everything)),
        }
    }
}

fn is_live() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
