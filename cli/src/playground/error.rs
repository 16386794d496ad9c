//! Why there is no playground.

use std::io;
use std::net::SocketAddr;

/// Why the playground cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("the playground cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// It is to show what is no model's address.
    #[error("`{0}` is no model's address")]
    Target(String),
    /// Nothing can be sent by HTTP.
    #[error("the playground has no HTTP client")]
    Client(#[from] reqwest::Error),
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse => Some(
                "something else listens there: choose another port, or 0 for any that is free".to_owned(),
            ),
            Self::Target(_) => {
                Some("write it as `http://localhost:8393`: scheme, host and port, nothing more".to_owned())
            }
            _ => None,
        }
    }
}
