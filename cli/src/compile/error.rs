//! Why there is no binary.

use std::path::PathBuf;

use crate::cache;
use crate::size::Size;

/// A result of compiling.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a model could not be compiled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no cargo.
    #[error("cannot start `cargo`: {0}")]
    NoCargo(#[source] std::io::Error),
    /// Cargo said why on the standard error stream.
    #[error("the model does not compile")]
    DoesNotCompile,
    /// The model does not compile, and there is next to no room to compile it in.
    #[error("the model does not compile, and `{}` has {left} left", .path.display())]
    NoRoom {
        /// Where it is compiled.
        path: PathBuf,
        /// How much.
        left: Size,
    },
    /// Cargo compiled something else.
    #[error("cargo compiled no binary called `{0}`")]
    NoBinary(String),
    /// There is no place to compile in.
    #[error(transparent)]
    Cache(#[from] cache::Error),
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoCargo(_) => "install Rust from https://rustup.rs, or leave out `--local`".to_owned(),
            Self::DoesNotCompile => "the compiler's words are above".to_owned(),
            Self::NoRoom { .. } => {
                "make room, or name another place with `COG_CACHE_DIR`, and run this again".to_owned()
            }
            Self::Cache(error) => return error.hint(),
            Self::NoBinary(_) => return None,
        })
    }
}
