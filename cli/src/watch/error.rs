//! Why nothing can be watched.

use std::io;
use std::net::SocketAddr;

/// Why nothing can be watched.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system tells of no changes.
    #[error("cannot watch the project's files")]
    Watch(#[from] notify::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Watch(_) => Some(
                "where too many files are watched already, raise `fs.inotify.max_user_watches`".to_owned(),
            ),
            Self::Address { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
                Some("something else listens there: choose another port with `--port`".to_owned())
            }
            Self::Address { .. } => None,
        }
    }
}
