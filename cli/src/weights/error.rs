//! What can go wrong with weights.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::StatusCode;

/// A result of weights.
pub type Result<T> = std::result::Result<T, Error>;

/// Why weights were not imported, pulled or sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read `{}`: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{}`: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file was not the same from beginning to end.
    #[error("`{}` changed while it was read", .0.display())]
    Changed(PathBuf),
    /// A source holds something that is no file.
    #[error("`{}` is neither a file nor a directory", .0.display())]
    Special(PathBuf),
    /// A source is none that can be imported from.
    #[error("`{uri}` is no source of weights: {reason}")]
    BadSource {
        /// As the configuration has it.
        uri: String,
        /// Why.
        reason: &'static str,
    },
    /// A pattern means nothing.
    #[error("`{pattern}` is no pattern: {reason}")]
    BadPattern {
        /// The pattern.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// Nothing is left of a source.
    #[error("no file of `{uri}` is left by include [{include}] and exclude [{exclude}]")]
    Nothing {
        /// The source.
        uri: String,
        /// Its patterns.
        include: String,
        /// Its patterns.
        exclude: String,
    },
    /// The lock file makes no sense.
    #[error("`{}` is no lock file: {reason}", .path.display())]
    BadLock {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The lock file does not agree with itself.
    #[error("weight `{name}` in weights.lock was changed by hand: {reason}")]
    Edited {
        /// The weight.
        name: String,
        /// What does not agree.
        reason: String,
    },
    /// The configuration and the lock file differ.
    #[error("weights.lock is out of step with cog.yaml:\n{}", .0.iter().map(|line| format!("  - {line}")).collect::<Vec<_>>().join("\n"))]
    Drift(Vec<String>),
    /// The lock file is of weights that are no more.
    #[error("weights.lock has weights, and cog.yaml has none")]
    Leftover,
    /// A weight is not on this machine.
    #[error("weight `{weight}` is not whole on this machine: it lacks `{path}`")]
    Lacking {
        /// The weight.
        weight: String,
        /// The first file that is not there.
        path: String,
    },
    /// There is nothing to work on.
    #[error("cog.yaml has no weights")]
    None,
    /// There are no weights of those names.
    #[error("cog.yaml has no weights named `{}`", .0.join("`, `"))]
    Unknown(Vec<String>),
    /// There is no repository for them.
    #[error("there is no registry to keep the weights in")]
    NoModel,
    /// What came is not what the lock file lists.
    #[error("layer {layer} of weight `{weight}` is not what weights.lock lists: {reason}")]
    Spoiled {
        /// The weight.
        weight: String,
        /// The layer's digest.
        layer: String,
        /// What differs.
        reason: String,
    },
    /// The registry lacks a layer.
    #[error("the registry has no layer {layer} of weight `{weight}`")]
    NotPushed {
        /// The weight.
        weight: String,
        /// The layer's digest.
        layer: String,
    },
    /// The registry lacks a weight.
    #[error("`{repository}` has no weight `{weight}` as weights.lock lists it")]
    NotThere {
        /// The model's repository.
        repository: String,
        /// The weight.
        weight: String,
    },
    /// Nothing can be asked of the web at all.
    #[error("cannot speak to the web: {0}")]
    Client(String),
    /// A source does not answer.
    #[error("`{address}` cannot be reached: {reason}")]
    Unreachable {
        /// Its address.
        address: String,
        /// What the attempt met.
        reason: String,
    },
    /// A source answers with something else.
    #[error("`{address}` answers {status}")]
    Answered {
        /// Its address.
        address: String,
        /// Its answer.
        status: StatusCode,
        /// How long it asked to be left alone.
        after: Option<Duration>,
    },
    /// The hub does not give out a repository.
    #[error("the hub answers {status} for `{repository}`")]
    HubRefuses {
        /// The repository.
        repository: String,
        /// Its page.
        page: String,
        /// The answer.
        status: StatusCode,
    },
    /// A source says what cannot be.
    #[error("`{address}` makes no sense: {reason}")]
    Nonsense {
        /// Its address.
        address: String,
        /// What is wrong.
        reason: String,
    },
    /// A source became another one between two questions.
    #[error("`{address}` changed while it was read")]
    Moved {
        /// Its address.
        address: String,
    },
    /// Certificates that are to be trusted cannot be.
    #[error(transparent)]
    Trust(#[from] crate::context::trust::TrustError),
    /// The registry gave up.
    #[error(transparent)]
    Registry(#[from] crate::registry::Error),
    /// There is no place for a store.
    #[error(transparent)]
    Cache(#[from] crate::cache::Error),
    /// A thread ended before its work.
    #[error("a thread ended before its work")]
    Thread,
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "the disk is full: make room, or name a larger one with `COG_CACHE_DIR`, and run this again"
                    .to_owned()
            }
            Self::Changed(_) => "wait until nothing writes to it, and run this again".to_owned(),
            Self::Special(_) => {
                "put a file in its place, or leave it out of the source's directory".to_owned()
            }
            Self::BadLock { .. } => {
                "take it back from version control, or delete it and run `cog weights import`".to_owned()
            }
            Self::Edited { name, .. } => {
                format!("take it back from version control, or run `cog weights import {name}`")
            }
            Self::Drift(_) => "run `cog weights import`".to_owned(),
            Self::Leftover => "delete weights.lock, or take the weights back into cog.yaml".to_owned(),
            Self::Lacking { weight, .. } => format!("run `cog weights pull {weight}`"),
            Self::None => {
                "add `weights: [{name: net, target: /weights/net, source: {uri: ./net}}]`".to_owned()
            }
            Self::NoModel => "set `model: registry.example.com/me/model` in cog.yaml".to_owned(),
            Self::NotPushed { weight, .. } | Self::NotThere { weight, .. } => {
                format!("run `cog weights import {weight}` where the files are")
            }
            Self::Unreachable { .. } => {
                "check the address and the network; `COG_CA_CERT` names certificates that are to be trusted, too. What \
                 has come is kept: run this again"
                    .to_owned()
            }
            Self::Answered { status, .. } => match status.as_u16() {
                401 | 403 => "weights are read without a login: the address has to be open to who runs this".to_owned(),
                404 | 410 => "check the address".to_owned(),
                _ => "this is the server's trouble and may pass: what has come is kept, run this again".to_owned(),
            },
            Self::HubRefuses { page, status, .. } => match status.as_u16() {
                401 => "check the name; a private or gated repository needs a token: make one at \
                        https://huggingface.co/settings/tokens and set `HF_TOKEN`"
                    .to_owned(),
                403 => format!("accept the conditions at {page} with the account that `HF_TOKEN` is of"),
                _ => format!("check the name and the revision at {page}; what is private needs `HF_TOKEN`"),
            },
            Self::Moved { .. } => "run this again".to_owned(),
            Self::Registry(error) => return error.hint(),
            Self::Cache(error) => return error.hint(),
            _ => return None,
        })
    }
}
