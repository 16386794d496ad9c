//! A file on its way into the store, which may outlive the run that was bringing it: the next one goes on where it ends.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::PathBuf;

use super::store::{PARTIAL, Store};
use super::{Error, Result};
use crate::digest::{Hasher, hex};
use crate::lock;

/// Bytes read at once.
const READ: usize = 256 << 10;

/// What has come of a file so far.
pub(super) struct Partial {
    /// Where it is written; nowhere, where only its digest is asked for.
    out: Option<Out>,
    hasher: Hasher,
    size: u64,
}

struct Out {
    path: PathBuf,
    file: File,
    /// Whether another run may go on with it.
    lasts: bool,
}

impl Store {
    /// The beginning of the file that `key`, a digest, stands for; an empty one where there is none, where another
    /// process is at it, or where nothing stands for the file.
    pub(super) async fn partial(&self, key: Option<&str>) -> Result<Partial> {
        let (store, key) = (self.clone(), key.map(|key| hex(key).to_owned()));
        let open = tokio::task::spawn_blocking(move || Partial::open(&store, key.as_deref()));
        open.await.map_err(|_| Error::Thread)?
    }

    /// Somewhere to send bytes whose digest is all that is wanted.
    pub(super) fn nothing(&self) -> Result<Partial> {
        Ok(Partial { out: None, hasher: Hasher::new(), size: 0 })
    }
}

impl Partial {
    pub(super) fn open(store: &Store, key: Option<&str>) -> Result<Self> {
        let room = store.room(PARTIAL);
        let wrong = |source| Error::Write { path: room.clone(), source };
        fs::create_dir_all(&room).map_err(wrong)?;
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        let mut known = None;
        if let Some(key) = key {
            let path = room.join(key);
            let file = options.open(&path).map_err(wrong)?;
            // One that was put into the store meanwhile is another file by now.
            if file.try_lock().is_ok() && lock::is_at(&file, &path) {
                known = Some(Out { path, file, lasts: true });
            }
        }
        let out = match known {
            Some(out) => out,
            None => {
                let path = room.join(uuid::Uuid::new_v4().simple().to_string());
                let file = options.open(&path).map_err(wrong)?;
                // Where nothing can be locked, nobody sweeps either.
                let _unlocked = file.try_lock();
                Out { path, file, lasts: false }
            }
        };
        let mut partial = Self { out: None, hasher: Hasher::new(), size: 0 };
        let read = partial.hasher.read(&out.file);
        partial.size = read.map_err(|source| Error::Read { path: out.path.clone(), source })?;
        partial.out = Some(out);
        Ok(partial)
    }

    /// Bytes that are here.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The digest of what is here.
    pub(super) fn digest(&self) -> String {
        self.hasher.so_far()
    }

    /// What is here, from its beginning.
    pub(super) fn read(&self) -> Result<Box<dyn Read>> {
        match &self.out {
            None => Ok(Box::new(io::empty())),
            Some(Out { path, .. }) => match File::open(path) {
                Ok(file) => Ok(Box::new(io::BufReader::with_capacity(READ, file))),
                Err(source) => Err(Error::Read { path: path.clone(), source }),
            },
        }
    }

    /// Adds the next bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some(Out { path, file, .. }) = &mut self.out {
            file.write_all(bytes).map_err(|source| Error::Write { path: path.clone(), source })?;
        }
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Forgets what is here.
    pub(super) fn begin_anew(&mut self) -> Result<()> {
        if self.size == 0 {
            return Ok(());
        }
        if let Some(Out { path, file, .. }) = &self.out {
            file.set_len(0).map_err(|source| Error::Write { path: path.clone(), source })?;
        }
        (self.hasher, self.size) = (Hasher::new(), 0);
        Ok(())
    }

    /// Takes it into the store, as a whole; its size and digest.
    pub(super) fn settle(mut self, store: &Store) -> Result<(u64, String)> {
        let digest = self.digest();
        let Some(out) = self.out.take() else { return Ok((self.size, digest)) };
        store.name(&out.file, &digest, |place| fs::rename(&out.path, place))?;
        Ok((self.size, digest))
    }

    /// Removes it.
    pub(super) fn discard(mut self) {
        if let Some(out) = self.out.take() {
            let _stays = fs::remove_file(out.path);
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Some(Out { path, lasts: false, .. }) = &self.out {
            let _stays = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_file_that_was_cut_off_goes_on_where_it_ends() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let mut first = Partial::open(&store, Some("key")).unwrap();
        first.add(b"one ").unwrap();
        let other = Partial::open(&store, Some("key")).unwrap();
        assert_eq!(other.size(), 0, "two at once are apart");
        drop((first, other));
        let mut again = Partial::open(&store, Some("key")).unwrap();
        assert_eq!(again.size(), 4);
        again.add(b"two").unwrap();
        let (size, digest) = again.settle(&store).unwrap();
        assert_eq!((size, &digest), (7, &crate::digest::digest(b"one two")));
        assert_eq!(fs::read(store.path(&digest)).unwrap(), b"one two");
        assert_eq!(fs::read_dir(store.room(PARTIAL)).unwrap().count(), 0);
    }

    #[test]
    fn one_that_begins_anew_has_nothing_of_what_was() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let mut partial = Partial::open(&store, Some("key")).unwrap();
        partial.add(b"wrong").unwrap();
        partial.begin_anew().unwrap();
        partial.add(b"right").unwrap();
        assert_eq!(partial.settle(&store).unwrap().1, crate::digest::digest(b"right"));
        Partial::open(&store, Some("key")).unwrap().discard();
        assert_eq!(fs::read_dir(store.room(PARTIAL)).unwrap().count(), 0);
    }
}
