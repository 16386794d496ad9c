//! The directory of what this program can make again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be written to.
    #[error("cannot write to `{}`, where this program keeps what it can make again: {source}", .path.display())]
    Write {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Nobody says where it is.
    #[error("there is no directory for a cache: neither `COG_CACHE_DIR` nor `HOME` is set")]
    Homeless,
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("the disk is full: make room and run the command again".to_owned())
            }
            Self::Write { .. } | Self::Homeless => {
                Some("name a directory that is yours with `COG_CACHE_DIR`".to_owned())
            }
        }
    }
}

/// A room of the cache, made if need be: in `COG_CACHE_DIR`, else where the XDG specification has it.
///
/// # Errors
/// None of the variables that could say where is set, or the directory cannot be made.
pub fn room(name: &str) -> Result<PathBuf, Error> {
    let said = |name: &str| std::env::var_os(name).filter(|path| Path::new(path).is_absolute());
    let cache = said("COG_CACHE_DIR").map(PathBuf::from).or_else(|| {
        let caches = said("XDG_CACHE_HOME").map(PathBuf::from);
        Some(caches.or_else(|| Some(PathBuf::from(said("HOME")?).join(".cache")))?.join("cog"))
    });
    let room = cache.ok_or(Error::Homeless)?.join(name);
    fs::create_dir_all(&room).map_err(|source| Error::Write { path: room.clone(), source })?;
    Ok(room)
}

/// A directory for what is made on the way, gone when it is dropped.
///
/// # Errors
/// As for [`room`].
pub fn scratch() -> Result<tempfile::TempDir, Error> {
    let room = room("scratch")?;
    tempfile::tempdir_in(&room).map_err(|source| Error::Write { path: room, source })
}
