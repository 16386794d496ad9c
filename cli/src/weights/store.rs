//! The files of this machine's weights, each by its digest. A file is there as a whole or not at all.
//!
//! Whatever a run makes on its way is locked as long as the run lives. What is not locked was left by one that was
//! killed, and is swept by the next.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{NamedTempFile, TempDir};

use super::inventory;
use super::seen::Seen;
use super::{Error, Result};
use crate::cache;
use crate::digest::hex;

/// What is made on the way has this long to be locked.
const YOUNG: Duration = Duration::from_secs(60);
/// What somebody may go on with is kept this long.
const STALE: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// Where files are written.
const DRAFTS: &str = "drafts";
/// Where the weights of a run are laid out.
const MOUNTS: &str = "mounts";
/// Where files wait for the rest of them.
pub(super) const PARTIAL: &str = "partial";
/// Where compressed layers wait to be sent.
const PACKED: &str = "packed";
/// The projects that have used the store, a path a line.
const PROJECTS: &str = "projects";
/// Locked by all who use the store, and by who makes room in it.
const LOCK: &str = "lock";

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
        for (room, age) in [(DRAFTS, YOUNG), (MOUNTS, YOUNG), (PARTIAL, STALE), (PACKED, STALE)] {
            sweep(&store.root.join(room), age, false);
        }
        Ok(store)
    }

    /// Keeps everything in it as long as what is given lives; notes who needs it.
    ///
    /// # Errors
    /// A store that cannot be written to.
    pub fn used_by(&self, project: &Path) -> Result<File> {
        let path = self.root.join(LOCK);
        let lock = || {
            fs::create_dir_all(&self.root)?;
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            // Whoever makes room is soon done.
            file.lock_shared()?;
            Ok(file)
        };
        let lock = lock().map_err(|source| Error::Write { path: path.clone(), source })?;
        self.note_project(project);
        Ok(lock)
    }

    /// Waits until nobody uses it, and lets nobody use it as long as what is given lives. `waiting` is called once if
    /// that takes time.
    ///
    /// # Errors
    /// As for [`Store::used_by`].
    pub async fn to_oneself(&self, waiting: impl FnOnce()) -> Result<File> {
        let path = self.root.join(LOCK);
        crate::lock::exclusive(&path, waiting).await.map_err(|source| Error::Write { path, source })
    }

    pub(super) fn note_project(&self, project: &Path) {
        let Some(text) = project.to_str().filter(|text| !text.contains('\n')) else { return };
        if !self.projects().is_ok_and(|known| known.iter().any(|known| known == project)) {
            let out = File::options().append(true).create(true).open(self.root.join(PROJECTS));
            // On a line of its own, even after one that a full disk cut off. One that is not noted has to pull its
            // weights again at worst.
            let _unwritten = out.and_then(|mut out| out.write_all(format!("\n{text}\n").as_bytes()));
        }
    }

    /// The projects that have used it.
    ///
    /// # Errors
    /// A list that is there and cannot be read.
    pub(super) fn projects(&self) -> Result<Vec<PathBuf>> {
        let path = self.root.join(PROJECTS);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.lines().filter(|line| !line.is_empty()).map(PathBuf::from).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(source) => Err(Error::Read { path, source }),
        }
    }

    /// Forgets all projects but these. What was noted stays until all of it is written.
    pub(super) fn keep_projects(&self, projects: &[PathBuf]) -> Result<()> {
        let path = self.root.join(PROJECTS);
        let text: String = projects.iter().map(|project| format!("{}\n", project.display())).collect();
        let write = || {
            let mut file = NamedTempFile::new_in(&self.root)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_data()?;
            file.persist(&path).map_err(|error| error.error)
        };
        write().map(drop).map_err(|source| Error::Write { path: path.clone(), source })
    }

    /// Removes everything that was begun and that nobody is at; the bytes of it. With `dry` it only tells.
    pub(super) fn sweep_all(&self, dry: bool) -> u64 {
        let rooms = [DRAFTS, MOUNTS, PARTIAL, PACKED];
        rooms.iter().map(|room| sweep(&self.root.join(room), Duration::ZERO, dry)).sum()
    }

    /// What is known of files that were read.
    pub(super) fn seen(&self) -> Seen {
        Seen::read(&self.root.join("seen"))
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
            // Where nothing can be locked, nobody sweeps either.
            let _unlocked = draft.as_file().try_lock();
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
            let _unlocked = lock.try_lock();
            Ok((room, lock))
        };
        make().map_err(|source: io::Error| Error::Write { path: mounts.clone(), source })
    }

    /// Takes in a file whose digest has been computed from its bytes.
    pub(super) fn adopt(&self, draft: NamedTempFile, digest: &str) -> Result<()> {
        let (file, path) = draft.into_parts();
        self.name(&file, digest, |place| path.persist(place).map_err(|error| error.error))
    }

    /// Has `rename` give `file`, whose digest has been computed from its bytes, its name here.
    pub(super) fn name(
        &self,
        file: &File,
        digest: &str,
        rename: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<()> {
        let place = self.path(digest);
        let name = || {
            // A crash must not leave a name with other bytes behind it.
            file.sync_data()?;
            fs::create_dir_all(place.parent().unwrap_or(&self.root))?;
            file.set_permissions(fs::Permissions::from_mode(0o644))?;
            rename(&place)?;
            // Only now: who is killed before has to be able to go on with it.
            file.set_permissions(fs::Permissions::from_mode(0o444))
        };
        name().map_err(|source| Error::Write { path: place.clone(), source })
    }

    /// Where a compressed layer waits to be sent.
    pub(super) fn spool(&self, digest: &str) -> Result<PathBuf> {
        let spools = self.root.join(PACKED);
        fs::create_dir_all(&spools).map_err(|source| Error::Write { path: spools.clone(), source })?;
        Ok(spools.join(hex(digest)))
    }
}

/// Removes what nobody has locked and what is older than `age`; the bytes of it. With `dry` it only tells.
fn sweep(room: &Path, age: Duration, dry: bool) -> u64 {
    let mut freed = 0;
    for entry in fs::read_dir(room).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(found) = entry.metadata() else { continue };
        let old = found.modified().is_ok_and(|since| since.elapsed().unwrap_or_default() >= age);
        // Of several that sweep at once one has the lock.
        let Some(lock) = File::open(&path).ok().filter(|file| old && file.try_lock().is_ok()) else {
            continue;
        };
        if found.is_file() {
            freed += found.len();
        }
        if !dry {
            let _stays = if found.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
        drop(lock);
    }
    freed
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_file_may_be_written_to_until_it_has_its_name() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let draft = store.draft().unwrap();
        let digest = crate::digest::digest(b"");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let rename = |place: &Path| {
            assert_eq!(
                mode(draft.path()) & 0o200,
                0o200,
                "who is killed here has to be able to go on with it"
            );
            fs::rename(draft.path(), place)
        };
        store.name(draft.as_file(), &digest, rename).unwrap();
        assert_eq!(mode(&store.path(&digest)), 0o444);
    }

    #[test]
    fn what_a_killed_run_left_is_swept_and_what_a_living_one_makes_is_not() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let (draft, (room, _lock)) = (store.draft().unwrap(), store.room_of_a_run().unwrap());
        let (drafts, mounts) = (root.path().join(DRAFTS), root.path().join(MOUNTS));
        fs::write(drafts.join("left"), "").unwrap();
        fs::create_dir_all(mounts.join("left/net")).unwrap();
        for place in [&drafts, &mounts] {
            sweep(place, YOUNG, false);
            assert!(place.join("left").exists(), "it may be about to be locked");
            sweep(place, Duration::ZERO, false);
            assert!(!place.join("left").exists());
        }
        assert!(draft.path().exists() && room.path().exists());
    }
}
