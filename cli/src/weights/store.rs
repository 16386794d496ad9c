//! The files of this machine's weights, each by its digest. A file is there as a whole or not at all.
//!
//! Whatever a run makes on its way is locked as long as the run lives. What is not locked was left by one that was
//! killed, and is swept by the next.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{NamedTempFile, TempDir};

use super::inventory;
use super::{Error, Result};
use crate::cache;
use crate::digest::hex;

/// What is made on the way has this long to be locked.
const YOUNG: Duration = Duration::from_secs(60);
/// Where files are written.
const DRAFTS: &str = "drafts";
/// Where the weights of a run are laid out.
const MOUNTS: &str = "mounts";

/// The store of this machine's user.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// Opens it, in the cache.
    ///
    /// # Errors
    /// There is no place for it.
    pub fn open() -> Result<Self> {
        let store = Self::at(cache::room("weights")?);
        for room in [DRAFTS, MOUNTS] {
            sweep(&store.root.join(room), YOUNG);
        }
        Ok(store)
    }

    pub(super) fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where the file of that digest is, or would be.
    pub(super) fn path(&self, digest: &str) -> PathBuf {
        let name = hex(digest);
        self.root.join("files/sha256").join(name.get(..2).unwrap_or_default()).join(name)
    }

    /// A directory of it.
    pub(super) fn room(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Whether it has the file.
    pub(super) fn has(&self, file: &inventory::File) -> bool {
        fs::symlink_metadata(self.path(&file.digest))
            .is_ok_and(|found| found.is_file() && found.len() == file.size)
    }

    /// A file to be written; gone when it is dropped.
    pub(super) fn draft(&self) -> Result<NamedTempFile> {
        let drafts = self.root.join(DRAFTS);
        let make = || {
            fs::create_dir_all(&drafts)?;
            let draft = NamedTempFile::new_in(&drafts)?;
            draft.as_file().try_lock()?;
            Ok(draft)
        };
        make().map_err(|source: io::Error| Error::Write { path: drafts.clone(), source })
    }

    /// A directory for the weights of one run, gone when it is dropped, and what keeps it from being swept.
    pub(super) fn room_of_a_run(&self) -> Result<(TempDir, File)> {
        let mounts = self.root.join(MOUNTS);
        let make = || {
            fs::create_dir_all(&mounts)?;
            let room = tempfile::tempdir_in(&mounts)?;
            fs::set_permissions(room.path(), fs::Permissions::from_mode(0o755))?;
            let lock = File::open(room.path())?;
            lock.try_lock()?;
            Ok((room, lock))
        };
        make().map_err(|source: io::Error| Error::Write { path: mounts.clone(), source })
    }

    /// Takes in a file whose digest has been computed from its bytes.
    pub(super) fn adopt(&self, draft: NamedTempFile, digest: &str) -> Result<()> {
        let path = self.path(digest);
        let wrong = |source| Error::Write { path: path.clone(), source };
        let keep = || -> io::Result<()> {
            draft.as_file().set_permissions(fs::Permissions::from_mode(0o444))?;
            // A crash must not leave a name with other bytes behind it.
            draft.as_file().sync_data()?;
            fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
            draft.persist(&path).map(drop).map_err(|error| error.error)
        };
        keep().map_err(wrong)
    }

    /// Where a compressed layer waits to be sent.
    pub(super) fn spool(&self, digest: &str) -> Result<PathBuf> {
        let spools = self.root.join("packed");
        fs::create_dir_all(&spools).map_err(|source| Error::Write { path: spools.clone(), source })?;
        Ok(spools.join(hex(digest)))
    }
}

/// Removes what nobody has locked and what is older than `age`.
fn sweep(room: &Path, age: Duration) {
    for entry in fs::read_dir(room).into_iter().flatten().flatten() {
        let path = entry.path();
        let old = entry.metadata().and_then(|found| found.modified());
        let old = old.is_ok_and(|since| since.elapsed().is_ok_and(|since| since >= age));
        // Of several that sweep at once one has the lock.
        let Some(lock) = File::open(&path).ok().filter(|file| old && file.try_lock().is_ok()) else {
            continue;
        };
        let _stays = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        drop(lock);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn what_a_killed_run_left_is_swept_and_what_a_living_one_makes_is_not() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let (draft, (room, _lock)) = (store.draft().unwrap(), store.room_of_a_run().unwrap());
        let (drafts, mounts) = (root.path().join(DRAFTS), root.path().join(MOUNTS));
        fs::write(drafts.join("left"), "").unwrap();
        fs::create_dir_all(mounts.join("left/net")).unwrap();
        for place in [&drafts, &mounts] {
            sweep(place, YOUNG);
            assert!(place.join("left").exists(), "it may be about to be locked");
            sweep(place, Duration::ZERO);
            assert!(!place.join("left").exists());
        }
        assert!(draft.path().exists() && room.path().exists());
    }
}
