//! Why a model does not run on this machine.

use std::path::PathBuf;
use std::time::Duration;

/// Why a model could not be started or asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The binary does not start.
    #[error("cannot start `{}`: {source}", .path.display())]
    Start {
        /// The binary.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The binary is no model.
    #[error("the binary gives no schema{}", .said.as_ref().map(|said| format!(": asked for one, it said `{said}`")).unwrap_or_default())]
    NoPredictor {
        /// The first line it printed.
        said: Option<String>,
    },
    /// The binary does not answer.
    #[error("the binary gave no schema within {} s", .0.as_secs())]
    Silent(Duration),
    /// Its schema is none.
    #[error("the model's schema is not valid: {0}")]
    BadSchema(String),
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoPredictor { .. } | Self::Silent(_) => "let `main` hand over to the predictor: \
                 `fn main() -> std::process::ExitCode { cog::main::<MyPredictor>() }`"
                .to_owned(),
            _ => return None,
        })
    }
}
