//! Why a project did not become an image.

use std::io;
use std::path::PathBuf;

use crate::engine;
use crate::progress::one_line;

/// A result of a build.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a build failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The project cannot be read.
    #[error(transparent)]
    Project(#[from] crate::project::ProjectError),
    /// No plan can be made for it.
    #[error(transparent)]
    Plan(#[from] crate::plan::PlanError),
    /// Its Dockerfile cannot be written.
    #[error(transparent)]
    Dockerfile(#[from] crate::dockerfile::DockerfileError),
    /// Its files cannot be gathered.
    #[error(transparent)]
    Context(#[from] crate::context::ContextError),
    /// The engine gave up.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// The registry gave up.
    #[error(transparent)]
    Registry(#[from] crate::registry::Error),
    /// The host gave up.
    #[error(transparent)]
    Host(#[from] crate::host::Error),
    /// Its weights are not as they should be.
    #[error(transparent)]
    Weights(#[from] crate::weights::Error),
    /// The project is not for the builder that was asked for.
    #[error("this project cannot be built with `--builder host`: {0}")]
    NotForHost(String),
    /// There is no place to put an image together.
    #[error(transparent)]
    Cache(#[from] crate::cache::Error),
    /// A base image is not to be had.
    #[error("base image `{reference}`, wanted by `{line}`, is not to be had: {reason}")]
    BaseImage {
        /// The image.
        reference: String,
        /// The Dockerfile's line.
        line: String,
        /// In the builder's words.
        reason: String,
    },
    /// A step of the build failed; its output has been shown.
    #[error("{} at `{step}`", if *asks_for_schema { "the binary gives no schema" } else { "the build failed" })]
    Step {
        /// The step.
        step: String,
        /// Whether it asked the binary for its schema.
        asks_for_schema: bool,
    },
    /// The project's lock cannot be had.
    #[error("cannot lock `{path}`: {source}")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What locking it met.
        source: io::Error,
    },
    /// Callers of what has the name now would break.
    #[error("callers of `{reference}` break, so it was not pushed:{}", .breaks.iter().fold(String::new(), |text, each| text + "\n  - " + each))]
    Breaks {
        /// The name.
        reference: String,
        /// How, a sentence each.
        breaks: Vec<String>,
    },
    /// The built image has no schema.
    #[error("the built image has no schema")]
    NoSchema,
    /// The binary is no model.
    #[error("the binary gives no schema: asked for one, it said `{said}`")]
    NoPredictor {
        /// The first line it printed.
        said: String,
    },
    /// The model's schema is none that predictions can be checked against.
    #[error("the model's schema is not valid: {reason}")]
    BadSchema {
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// An engine's fault in solving `dockerfile`.
    pub(super) fn of_solve(error: engine::Error, dockerfile: &str) -> Self {
        match error {
            engine::Error::BaseImage { reference, reason } => {
                let line =
                    dockerfile.lines().find(|line| line.starts_with("FROM ") && line.contains(&reference));
                let line = line.map_or_else(|| format!("FROM {reference}"), str::to_owned);
                Self::BaseImage { reference, line, reason }
            }
            engine::Error::Context(error) => match error.downcast::<crate::context::ContextError>() {
                Ok(error) => Self::Context(error),
                Err(error) => Self::Engine(engine::Error::Context(error)),
            },
            engine::Error::BuildStep { step, .. } => {
                // As the binary is called there, whatever stands around it.
                let asks_for_schema = step.contains(" schema >") || step.ends_with(" schema");
                Self::Step { step: one_line(&step), asks_for_schema }
            }
            other => Self::Engine(other),
        }
    }

    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Project(error) => return error.hint(),
            Self::Plan(error) => return error.hint(),
            Self::Context(error) => return error.hint(),
            Self::Engine(error) => return error.hint(),
            Self::Host(error) => return error.hint(),
            Self::Registry(error) => return error.hint(),
            Self::Weights(error) => return error.hint(),
            Self::NotForHost(_) => "leave `--builder` out".to_owned(),
            Self::Cache(error) => return error.hint(),
            Self::BaseImage { reference, reason, .. } => {
                return engine::Error::BaseImage { reference: reference.clone(), reason: reason.clone() }
                    .hint();
            }
            Self::Step { asks_for_schema: false, .. } => "its output is above".to_owned(),
            Self::Step { .. } | Self::NoSchema | Self::NoPredictor { .. } => {
                "let `main` hand over to the predictor: \
                `fn main() -> std::process::ExitCode { cog::main::<MyPredictor>() }`"
                    .to_owned()
            }
            Self::Breaks { .. } => {
                "push under another tag, or leave `--check-schema` out if that is meant".to_owned()
            }
            Self::Lock { .. } => "the project's directory must be writable".to_owned(),
            _ => return None,
        })
    }
}
