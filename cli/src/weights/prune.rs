//! Making room: files that no project needs go out of the store.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::lock::{FILE, Lock};
use super::store::Store;
use super::{Error, Result};
use crate::digest::hex;

/// What a pruning came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// Files that went, or would go.
    pub files: usize,
    /// Bytes of them, and of what was begun and never finished.
    pub freed: u64,
    /// Files that stay.
    pub kept: usize,
    /// Bytes of them.
    pub kept_size: u64,
    /// Projects that they stay for.
    pub projects: usize,
}

/// Removes what is named by no `weights.lock` of the projects that have used the store; with `all`, everything. With
/// `dry` it only tells. Nobody else may be using the store meanwhile: see [`Store::to_oneself`].
///
/// # Errors
/// A lock file that cannot be read, or the list of projects: what they name is not known. Files that cannot be removed.
pub fn prune(store: &Store, all: bool, dry: bool) -> Result<Pruned> {
    let (mut pruned, mut named) = (Pruned::default(), BTreeSet::new());
    if !all {
        let mut living = Vec::new();
        let known = store.projects()?;
        for project in &known {
            if let Some(lock) = Lock::read(&project.join(FILE))? {
                named.extend(
                    lock.weights
                        .iter()
                        .flat_map(|entry| &entry.files)
                        .map(|file| hex(&file.digest).to_owned()),
                );
                living.push(project.clone());
            }
        }
        pruned.projects = living.len();
        if !dry && living != known {
            store.keep_projects(&living)?;
        }
    }
    for shelf in list(&store.room("files/sha256"))? {
        for file in list(&shelf)? {
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let size = fs::symlink_metadata(&file).map_or(0, |found| found.len());
            if named.contains(name) {
                pruned.kept += 1;
                pruned.kept_size += size;
            } else {
                pruned.files += 1;
                pruned.freed += size;
                if !dry {
                    fs::remove_file(&file).map_err(|source| Error::Write { path: file, source })?;
                }
            }
        }
    }
    pruned.freed += store.sweep_all(dry);
    Ok(pruned)
}

fn list(directory: &Path) -> Result<Vec<PathBuf>> {
    let wrong = |source| Error::Read { path: directory.to_owned(), source };
    match fs::read_dir(directory) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path()).map_err(wrong)).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(wrong(error)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::super::lock::Packed;
    use super::super::packing::envelope_format;
    use super::super::testing::{entry, put};
    use super::*;

    fn project(store: &Store, file: Packed) -> tempfile::TempDir {
        let project = tempfile::tempdir().unwrap();
        let entry = entry(vec![file], Vec::new());
        Lock::of(envelope_format(), vec![entry.settle()]).write(&project.path().join(FILE)).unwrap();
        store.note_project(project.path());
        project
    }

    #[test]
    fn what_a_known_project_names_stays_and_the_rest_goes() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let (one, two, gone) =
            (put(&store, "a", b"one"), put(&store, "a", b"three"), put(&store, "a", b"nobody's"));
        let (_first, second) = (project(&store, one.clone()), project(&store, two.clone()));
        let expected = Pruned { files: 1, freed: 8, kept: 2, kept_size: 8, projects: 2 };
        assert_eq!(prune(&store, false, true).unwrap(), expected);
        assert!(store.has(&gone.file()), "it was only asked");
        assert_eq!(prune(&store, false, false).unwrap(), expected);
        assert!(!store.has(&gone.file()) && store.has(&one.file()) && store.has(&two.file()));

        second.close().unwrap();
        let without = Pruned { files: 1, freed: 5, kept: 1, kept_size: 3, projects: 1 };
        assert_eq!(prune(&store, false, false).unwrap(), without);
        assert_eq!(store.projects().unwrap().len(), 1, "one that is gone is forgotten");
        assert_eq!(prune(&store, true, false).unwrap().files, 1);
        assert!(!store.has(&one.file()));
    }

    #[test]
    fn a_lock_file_that_cannot_be_read_keeps_everything() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let one = put(&store, "a", b"one");
        let project = project(&store, one.clone());
        fs::write(project.path().join(FILE), "<<<<<<< merge").unwrap();
        assert!(matches!(prune(&store, false, false), Err(Error::BadLock { .. })));
        assert!(store.has(&one.file()));
    }

    #[test]
    fn a_list_of_projects_that_cannot_be_read_keeps_everything() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let one = put(&store, "a", b"one");
        fs::write(store.room("projects"), b"/home/\xff\n").unwrap();
        assert!(matches!(prune(&store, false, false), Err(Error::Read { .. })));
        assert!(store.has(&one.file()));
    }

    #[test]
    fn a_project_is_noted_apart_from_one_that_was_cut_off() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let one = put(&store, "a", b"one");
        fs::write(store.room("projects"), "/home/me/mod").unwrap();
        let _project = project(&store, one.clone());
        assert_eq!(prune(&store, false, false).unwrap().projects, 1);
        assert!(store.has(&one.file()));
    }

    #[test]
    fn what_was_begun_and_left_goes_too() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        fs::create_dir_all(store.room("partial")).unwrap();
        fs::write(store.room("partial").join("left"), "half").unwrap();
        let draft = store.draft().unwrap();
        assert_eq!(prune(&store, false, true).unwrap().freed, 4);
        assert_eq!(prune(&store, false, false).unwrap().freed, 4);
        assert!(draft.path().exists() && !store.room("partial").join("left").exists());
    }
}
