//! What can go wrong between this program and a registry, told apart where a user would do something else about it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::StatusCode;

/// A result of a registry.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a registry did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be spoken to.
    #[error("registry `{registry}` cannot be reached: {reason}")]
    Unreachable {
        /// Its host.
        registry: String,
        /// What the attempt met.
        reason: String,
    },
    /// It was silent in the middle of something.
    #[error("registry `{registry}` stopped answering")]
    Silent {
        /// Its host.
        registry: String,
    },
    /// It wants other credentials, or some.
    #[error("`{registry}` refused access to `{repository}`: {reason}")]
    Unauthorized {
        /// Its host.
        registry: String,
        /// The repository in it.
        repository: String,
        /// In its words.
        reason: String,
    },
    /// It does not let a user in who wants to log in.
    #[error("`{registry}` does not let you in: {reason}")]
    WrongLogin {
        /// Its host.
        registry: String,
        /// In its words.
        reason: String,
    },
    /// It knows who asks and says no.
    #[error("`{registry}` does not let you write to `{repository}`: {reason}")]
    Forbidden {
        /// Its host.
        registry: String,
        /// The repository in it.
        repository: String,
        /// In its words.
        reason: String,
    },
    /// It has no such repository and makes none.
    #[error("`{registry}` has no repository `{repository}`")]
    NoRepository {
        /// Its host.
        registry: String,
        /// The repository.
        repository: String,
    },
    /// Something is larger than it takes.
    #[error("`{registry}` takes nothing as large as what it was sent: {reason}")]
    TooLarge {
        /// Its host.
        registry: String,
        /// In its words.
        reason: String,
    },
    /// It answered with something else.
    #[error("`{registry}` answered {status} to {action}: {reason}")]
    Answered {
        /// Its host.
        registry: String,
        /// What it was asked.
        action: String,
        /// Its answer.
        status: StatusCode,
        /// In its words.
        reason: String,
        /// How long it asked to be left alone.
        after: Option<Duration>,
    },
    /// What arrived is not what was sent, by its own account.
    #[error("`{registry}` says it got {theirs} where {ours} was sent")]
    Corrupted {
        /// Its host.
        registry: String,
        /// The digest it named.
        theirs: String,
        /// The digest of what was sent.
        ours: String,
    },
    /// It no longer knows of an upload that was under way.
    #[error("`{registry}` forgot what it was sent of a layer")]
    Forgotten {
        /// Its host.
        registry: String,
    },
    /// What is to be sent has other bytes than it was made of.
    #[error("`{}` is not what it was when it was written", .path.display())]
    Spoilt {
        /// The file.
        path: PathBuf,
    },
    /// It says things that make no sense.
    #[error("`{registry}` does not speak the registry protocol: {reason}")]
    Nonsense {
        /// Its host.
        registry: String,
        /// What is wrong.
        reason: String,
    },
    /// It wants the password sent where others could read it.
    #[error("`{registry}` wants your password sent to `{realm}`, where others could read it")]
    Eavesdropped {
        /// Its host.
        registry: String,
        /// Where to.
        realm: String,
    },
    /// A credential could not be had for a registry that is configured to have one.
    #[error("no credentials for `{registry}`: {source}")]
    Credentials {
        /// Its host.
        registry: String,
        /// Why not.
        source: crate::credentials::Error,
    },
    /// A variable that says how to send makes no sense.
    #[error(transparent)]
    Setting(#[from] super::BadSetting),
    /// It does not let the user read.
    #[error("`{registry}` does not show you `{repository}`: {reason}")]
    Hidden {
        /// Its host.
        registry: String,
        /// The repository in it.
        repository: String,
        /// In its words.
        reason: String,
    },
    /// What it gives out is not what it was asked for.
    #[error("`{registry}` gave out something else than {digest}")]
    Spoiled {
        /// Its host.
        registry: String,
        /// The digest of what was asked for.
        digest: String,
    },
    /// A certificate to trust cannot be used.
    #[error("cannot use the certificates in `{}`: {reason}", .path.display())]
    Certificate {
        /// Where they are.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// What is to be sent cannot be read.
    #[error("cannot read `{}`: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl Error {
    /// Whether nobody could be spoken to at all.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Silent { .. })
    }

    /// The same of something that was to be read.
    pub(super) fn of_reading(self) -> Self {
        match self {
            Self::Forbidden { registry, repository, reason } => Self::Hidden { registry, repository, reason },
            other => other,
        }
    }

    /// Whether the same request may well succeed a little later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Silent { .. }
            | Self::Corrupted { .. }
            | Self::Forgotten { .. }
            | Self::Spoiled { .. } => true,
            Self::Answered { status, .. } => {
                matches!(status.as_u16(), 408 | 425 | 429 | 499 | 500 | 502 | 503 | 504 | 522)
            }
            _ => false,
        }
    }

    /// How long the registry asked to be left alone.
    pub(super) fn after(&self) -> Option<Duration> {
        match self {
            Self::Answered { after, .. } => *after,
            _ => None,
        }
    }

    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unreachable { .. } => {
                "check the name and the network; `COG_CA_CERT` names certificates that are to be trusted, too. A Docker \
                 engine may know a way of its own: where one runs, a push tries that as well"
                    .to_owned()
            }
            Self::Silent { .. } => "run this again: what has arrived is not sent a second time".to_owned(),
            Self::Unauthorized { registry, .. } | Self::Credentials { registry, .. } => {
                format!("log in with `cog login {registry}` and run this again")
            }
            Self::Forbidden { registry, .. } => format!(
                "check the name; if it is right, `cog login {registry}` as a user who may write there"
            ),
            Self::NoRepository { registry, .. } => {
                format!("make the repository at `{registry}` first, or check the name")
            }
            Self::TooLarge { .. } => {
                "a proxy before the registry may be the one that refuses: send smaller pieces with \
                 `COG_PUSH_DEFAULT_CHUNK_SIZE`, in bytes"
                    .to_owned()
            }
            Self::Answered { .. } if self.is_passing() => {
                "this is the registry's trouble and may pass: run this again, what has arrived is not sent a second time"
                    .to_owned()
            }
            Self::Forgotten { .. } => "this is the registry's trouble and may pass: run this again".to_owned(),
            Self::Spoilt { .. } => {
                "remove it and run this again: it is made anew. The disk may be failing".to_owned()
            }
            Self::Setting(error) => return error.hint(),
            Self::Hidden { registry, .. } => {
                format!("check the name; if it is right, `cog login {registry}` as a user who may read there")
            }
            Self::Corrupted { .. } | Self::Spoiled { .. } => "something between here and the registry changes what is sent".to_owned(),
            _ => return None,
        })
    }
}
