//! Weights where a model that runs on this machine finds them: a directory for each, of links into the store.
//!
//! The directories lie in the store's own place, so that links are nearly always possible and no build ever sees them.
//! They are gone with their owner; those of a run that was killed are swept by the next one.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::TempDir;

use super::lock::{Entry, Lock};
use super::store::Store;
use super::{Error, Result};
use crate::engine::Bind;

/// Tells a model outside a container where its weights are: a directory with one for each of them.
const VARIABLE: &str = "COG_WEIGHTS_MOUNTS";
/// What weights there are, beside them and in an image.
const LIST: &str = "weights.json";

/// The weights of one run; gone when this is.
#[derive(Debug, Default)]
pub struct Mounts(Option<Mounted>);

#[derive(Debug)]
struct Mounted {
    directory: TempDir,
    /// Where each lies, and its target.
    weights: Vec<(PathBuf, String)>,
    /// As long as it is locked, nobody sweeps.
    _lock: File,
}

impl Mounts {
    /// Lays out the weights of `lock`; where there are none, nothing.
    ///
    /// # Errors
    /// A file that the store lacks, a disk that is full.
    pub fn of(lock: Option<&Lock>, project: &Path, store: impl FnOnce() -> Result<Store>) -> Result<Self> {
        let Some(lock) = lock.filter(|lock| !lock.weights.is_empty()) else { return Ok(Self(None)) };
        let store = store()?;
        // Once it is laid out, nothing depends on the store any more.
        let _used = store.used_by(project)?;
        // Before anything is laid out.
        for entry in &lock.weights {
            if let Some(file) = entry.inventory().into_iter().find(|file| !store.has(file)) {
                return Err(Error::Lacking { weight: entry.name.clone(), path: file.path });
            }
        }
        let (directory, held) = store.room_of_a_run()?;
        let weights = lock.weights.iter().map(|entry| {
            let place = directory.path().join(&entry.name);
            lay_out(entry, &place, &store)?;
            Ok((place, entry.target.clone()))
        });
        let weights = weights.collect::<Result<_>>()?;
        write(&directory.path().join(LIST), &list(lock))?;
        Ok(Self(Some(Mounted { directory, weights, _lock: held })))
    }

    /// What a container is to see of them.
    pub fn binds(&self) -> Vec<Bind> {
        let weights = self.0.iter().flat_map(|mounted| &mounted.weights);
        let bind = |(source, target): &(PathBuf, String)| Bind {
            source: source.clone(),
            target: target.clone(),
            read_only: true,
        };
        weights.map(bind).collect()
    }

    /// What a model outside a container is to be told, as `NAME=value`.
    pub fn variable(&self) -> Option<String> {
        self.0.as_ref().map(|mounted| format!("{VARIABLE}={}", mounted.directory.path().display()))
    }
}

/// The list of weights as an image has it.
pub fn list(lock: &Lock) -> Vec<u8> {
    #[derive(Serialize)]
    struct List<'a> {
        weights: Vec<One<'a>>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct One<'a> {
        name: &'a str,
        target: &'a str,
        set_digest: &'a str,
    }
    fn one(entry: &Entry) -> One<'_> {
        One { name: &entry.name, target: &entry.target, set_digest: &entry.set_digest }
    }
    super::artifact::compact(&List { weights: lock.weights.iter().map(one).collect() })
}

fn lay_out(entry: &Entry, place: &Path, store: &Store) -> Result<()> {
    directory(place)?;
    for file in entry.inventory() {
        // Paths of a lock that agrees with itself stay below the directory.
        let link = place.join(&file.path);
        if let Some(parent) = link.parent() {
            directory(parent)?;
        }
        let source = store.path(&file.digest);
        join(&source, &link).map_err(|source| Error::Write { path: link.clone(), source })?;
    }
    Ok(())
}

/// Makes a directory that a container's user may read, whatever this user's mask.
fn directory(path: &Path) -> Result<()> {
    let make = || {
        fs::create_dir_all(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))
    };
    make().map_err(|source| Error::Write { path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// The same file under another name: by a hard link, else as a clone that shares its bytes, else as a copy. A file
/// system may have too many links already, and a system may forbid links to another user's files.
fn join(source: &Path, place: &Path) -> io::Result<()> {
    if fs::hard_link(source, place).is_ok() {
        return Ok(());
    }
    let from = File::open(source)?;
    let to = File::create_new(place)?;
    if rustix::fs::ioctl_ficlone(&to, &from).is_err() {
        io::copy(&mut &from, &mut &to)?;
    }
    to.set_permissions(fs::Permissions::from_mode(0o444))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use std::os::unix::fs::MetadataExt;

    use super::super::packing::envelope_format;
    use super::super::testing::{entry, put};
    use super::*;

    fn lock(store: &Store, files: &[(&str, &[u8])]) -> Lock {
        let files = files.iter().map(|(path, bytes)| put(store, path, bytes)).collect();
        Lock::of(envelope_format(), vec![entry(files, Vec::new()).settle()])
    }

    #[test]
    fn weights_are_linked_and_gone_with_their_owner() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let lock = lock(&store, &[("a", b"one"), ("deep/b", b"two")]);
        let mounts = Mounts::of(Some(&lock), root.path(), || Ok(store.clone())).unwrap();
        let binds = mounts.binds();
        assert_eq!((binds.len(), &*binds[0].target, binds[0].read_only), (1, "/src/net", true));
        let place = &binds[0].source;
        assert_eq!(fs::read(place.join("deep/b")).unwrap(), b"two");
        assert_eq!(fs::metadata(place.join("a")).unwrap().nlink(), 2, "it is no copy");
        assert_eq!(fs::metadata(place.join("deep")).unwrap().mode() & 0o777, 0o755);
        let list = fs::read_to_string(place.with_file_name(LIST)).unwrap();
        assert!(
            list.starts_with(r#"{"weights":[{"name":"net","target":"/src/net","setDigest":"sha256:"#),
            "{list}"
        );
        let place = place.clone();
        drop(mounts);
        assert!(!place.exists());
    }

    #[test]
    fn a_weight_that_is_not_here_is_named_with_the_file_it_lacks() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let lock = lock(&store, &[("a", b"one"), ("b", b"two")]);
        fs::remove_file(store.path(&crate::digest::digest(b"two"))).unwrap();
        let error = Mounts::of(Some(&lock), root.path(), || Ok(store)).unwrap_err();
        assert!(
            matches!(&error, Error::Lacking { weight, path } if weight == "net" && path == "b"),
            "{error}"
        );
        assert!(error.hint().is_some_and(|hint| hint.contains("cog weights pull net")));
    }

    #[test]
    fn without_a_link_it_is_a_copy_that_cannot_be_written() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a"), "bytes").unwrap();
        let (from, to) = (root.path().join("a"), root.path().join("b"));
        fs::write(&to, "in the way of a link").unwrap();
        assert!(join(&from, &to).is_err(), "nothing is overwritten");
        let other = tempfile::tempdir_in("/dev/shm");
        let Ok(other) = other else { return };
        let to = other.path().join("b");
        join(&from, &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"bytes");
        assert_eq!(fs::metadata(&to).unwrap().mode() & 0o777, 0o444);
    }
}
