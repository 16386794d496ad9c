//! What Docker's configuration knows of a registry.
//!
//! Owns the lookup, and where a login is kept: by a helper set for that very registry, else in the common store, else in
//! the file itself. One registry's credentials are never offered to another.

use std::io;
use std::path::PathBuf;

mod config;
mod helper;
pub mod prompt;
mod store;
mod url;

pub use store::Keeper;
pub use url::stripped;

/// How to log in to a registry.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// With a name and a password.
    Password {
        /// The name.
        username: String,
        /// The password, or an access token in its place.
        password: String,
    },
    /// With a token that the registry exchanges for access.
    IdentityToken(String),
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Password { username, .. } => {
                f.debug_struct("Password").field("username", username).finish()
            }
            Self::IdentityToken(_) => f.write_str("IdentityToken(…)"),
        }
    }
}

/// Why a configured login cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration file is there but not readable.
    #[error("cannot read `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What reading it met.
        source: io::Error,
    },
    /// The configuration file is no such file.
    #[error("`{path}` is no Docker configuration: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// The configuration's entry for the registry is unusable.
    #[error("the entry in Docker's configuration is unusable: {0}")]
    BadEntry(String),
    /// The configuration file cannot be written.
    #[error("cannot write `{path}`: {source}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What writing it met.
        source: io::Error,
    },
    /// Nobody says where the configuration is.
    #[error("there is no place for Docker's configuration: neither `DOCKER_CONFIG` nor `HOME` is set")]
    Homeless,
    /// A credential helper failed.
    #[error("credential helper `{program}` failed: {reason}")]
    Helper {
        /// The program.
        program: String,
        /// What it said.
        reason: String,
    },
    /// A credential helper is configured and not installed.
    #[error("credential helper `{program}` is configured but not installed")]
    NoHelper {
        /// The program.
        program: String,
    },
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoHelper { program } => Some(format!(
                "install `{program}`, or take `credsStore` or `credHelpers` out of Docker's configuration"
            )),
            Self::Unwritable { .. } => Some("name a directory that is yours with `DOCKER_CONFIG`".to_owned()),
            Self::Malformed { .. } => Some("repair the file, or move it away".to_owned()),
            _ => None,
        }
    }
}

/// Docker's configuration directory: `$DOCKER_CONFIG`, else `~/.docker`.
pub fn config_directory() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("DOCKER_CONFIG").or_else(|| set("HOME").map(|home| home.join(".docker")))
}

/// How to log in to `registry` (`host[:port]`); `None` when nothing is known of it.
pub fn lookup(registry: &str) -> Result<Option<Login>, Error> {
    match config_directory() {
        Some(directory) => config::Config::read(&directory.join("config.json"))?.login(registry),
        None => Ok(None),
    }
}

/// Keeps `login` for `registry`, and for no other.
pub fn keep(registry: &str, login: &Login) -> Result<Keeper, Error> {
    store::keep(&config_directory().ok_or(Error::Homeless)?.join("config.json"), registry, login)
}

/// Forgets what is kept for `registry`; whether there was anything.
pub fn forget(registry: &str) -> Result<bool, Error> {
    store::forget(&config_directory().ok_or(Error::Homeless)?.join("config.json"), registry)
}
