//! The directory of what this program can make again.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Says that a directory holds what can be made again: <https://bford.info/cachedir/>.
pub const TAG: &str = "CACHEDIR.TAG";
const SIGNATURE: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by cog.\n";

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
    let cache = cache.ok_or(Error::Homeless)?;
    let room = cache.join(name);
    fs::create_dir_all(&room).map_err(|source| Error::Write { path: room.clone(), source })?;
    let tag = cache.join(TAG);
    if !tag.exists() {
        // It keeps what saves or sends whole directories away. Without it they take more than they need.
        let _untold = fs::write(tag, SIGNATURE);
    }
    Ok(room)
}

/// A directory for what is made on the way, gone when this is.
#[derive(Debug)]
pub struct Scratch {
    content: PathBuf,
    _directory: TempDir,
    /// Held for as long as the directory is in use. The kernel takes it back from a process that was killed.
    _lock: File,
}

impl Scratch {
    /// Makes one, and sweeps away those whose owners are gone without having done so.
    ///
    /// # Errors
    /// As for [`room`].
    pub fn new() -> Result<Self, Error> {
        let (scratch, abandoned) = Self::in_room(&room("scratch")?)?;
        // Gigabytes may go, for which nobody waits: if this process ends first, the next goes on.
        std::thread::spawn(|| abandoned.into_iter().for_each(|place| drop(fs::remove_dir_all(place))));
        Ok(scratch)
    }

    /// One, and those that nobody holds.
    fn in_room(room: &Path) -> Result<(Self, Vec<PathBuf>), Error> {
        let make = || {
            // A directory without a lock is an abandoned one, but for the moment that it takes to lock it.
            let gate = File::options().create(true).truncate(false).write(true).open(room.join(GATE))?;
            gate.lock()?;
            let abandoned = abandoned(room);
            let directory = tempfile::tempdir_in(room)?;
            let lock = File::create(directory.path().join(LOCK))?;
            lock.lock()?;
            let content = directory.path().join("content");
            fs::create_dir(&content)?;
            Ok((Self { content, _directory: directory, _lock: lock }, abandoned))
        };
        make().map_err(|source| Error::Write { path: room.to_owned(), source })
    }

    /// Where it is. It is empty at first.
    pub fn path(&self) -> &Path {
        &self.content
    }
}

/// Bytes that are left where `path` is; nothing where nobody can tell.
pub fn left(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// What a scratch directory's owner locks.
const LOCK: &str = "lock";
/// What is locked by whoever makes one.
const GATE: &str = "gate";

/// The directories that nobody holds.
fn abandoned(room: &Path) -> Vec<PathBuf> {
    let places = fs::read_dir(room).into_iter().flatten().flatten().map(|entry| entry.path());
    let held = |place: &Path| File::open(place.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_err());
    places.filter(|place| place.is_dir() && !held(place)).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn what_an_owner_left_behind_is_abandoned_and_what_is_in_use_is_not() {
        let room = tempfile::tempdir().unwrap();
        let scratch = || Scratch::in_room(room.path()).unwrap();
        let ((used, none), (killed, no_more)) = (scratch(), scratch());
        assert!(none.is_empty() && no_more.is_empty());
        fs::write(killed.path().join("layer"), "x").unwrap();
        let Scratch { _directory: directory, _lock: lock, .. } = killed;
        let left = directory.keep();
        drop(lock);
        // Killed before it held anything.
        fs::create_dir(room.path().join(".tmpabcdef")).unwrap();
        let (next, mut abandoned) = scratch();
        abandoned.sort();
        let mut expected = [left, room.path().join(".tmpabcdef")];
        expected.sort();
        assert_eq!(abandoned, expected);
        assert!(used.path().is_dir() && next.path().is_dir());
        let paths = [used.path().to_owned(), next.path().to_owned()];
        drop((used, next));
        assert!(paths.iter().all(|path| !path.exists()));
    }
}
