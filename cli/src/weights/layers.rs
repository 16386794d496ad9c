//! Layers made of files in the store: their digests, and their bytes as they are sent.
//!
//! A layer that is not compressed is never written down: any stretch of it can be read from the files it is made of. A
//! compressed one lies beside the store until it has been sent.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use flate2::GzBuilder;

use super::archive::{Stretch, stretches};
use super::ingest::hash;
use super::inventory::File;
use super::lock::{Entry, Layer};
use super::packing::{Pack, Packing};
use super::store::Store;
use super::{Error, Result};
use crate::buffer::Buffer;
use crate::digest::Summed;
use crate::lock;
use crate::registry::{Blob, Part};

/// A layer that can be sent.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) layer: Layer,
    pub(super) blob: Blob,
    spool: Option<Spool>,
}

impl Made {
    /// Removes what only sending needed.
    pub(super) fn sent(&self) {
        if let Some(spool) = &self.spool {
            spool.remove();
        }
    }
}

/// A compressed layer that waits to be sent, by all who make the same.
#[derive(Debug)]
struct Spool {
    path: PathBuf,
    /// As long as somebody holds it, nobody removes the file.
    file: fs::File,
}

impl Spool {
    /// The file at `path`, if it is one of `size` bytes.
    fn at(path: &Path, size: u64) -> Option<Self> {
        let file = fs::File::open(path).ok()?;
        // Where nothing can be locked, nobody sweeps either.
        if let Err(fs::TryLockError::WouldBlock) = file.try_lock_shared() {
            return None;
        }
        let is_whole = file.metadata().is_ok_and(|found| found.len() == size) && lock::is_at(&file, path);
        is_whole.then(|| Self { path: path.to_owned(), file })
    }

    fn remove(&self) {
        if self.file.try_lock().is_ok() {
            let _stays = fs::remove_file(&self.path);
        }
    }
}

/// Makes the layer of a pack whose files are in the store.
pub(super) fn make(store: &Store, pack: &Pack) -> Result<Made> {
    let parts = parts(store, pack);
    let (size, digest, spool) = match pack.packing {
        Packing::Raw => {
            let mut tar = Tar::new(&parts);
            let (size, digest) = hash(&mut tar, &tar_place(store, pack), None, &mut |_| {})?;
            (size, digest, None)
        }
        Packing::Gzip | Packing::GzipThorough => {
            let (size, digest, spool) = compress(store, pack, &parts)?;
            (size, digest, Some(spool))
        }
    };
    let layer = Layer {
        digest: digest.clone(),
        media_type: pack.packing.media_type().to_owned(),
        size,
        size_uncompressed: pack.size(),
    };
    let parts = match &spool {
        Some(spool) => vec![Part::File { path: spool.path.clone(), size }],
        None => parts,
    };
    let blob = Blob { digest, size, parts, media_type: Some(layer.media_type.clone()) };
    Ok(Made { layer, blob, spool })
}

/// The layer that an entry lists for a pack: one that is not compressed by its files, a compressed one as far as it waits
/// to be sent. What an entry says of a layer that is not so is found out by whoever gets it.
pub(super) fn recall(store: &Store, pack: &Pack, entry: &Entry) -> Option<Made> {
    let listed = |file: &File| entry.files.iter().find(|packed| packed.path == file.path);
    let digest = &listed(pack.files.first()?)?.layer;
    let layer = entry.layers.iter().find(|layer| layer.digest == *digest)?;
    let together = entry.files.iter().filter(|packed| packed.layer == *digest).count() == pack.files.len();
    let all = pack.files.iter().all(|file| listed(file).is_some_and(|packed| packed.layer == *digest));
    if !together || !all || layer.media_type != pack.packing.media_type() {
        return None;
    }
    let spool = match pack.packing {
        Packing::Raw => None,
        Packing::Gzip | Packing::GzipThorough => Some(Spool::at(&store.spool(digest).ok()?, layer.size)?),
    };
    let parts = match &spool {
        Some(spool) => vec![Part::File { path: spool.path.clone(), size: layer.size }],
        None => parts(store, pack),
    };
    if parts.iter().map(Part::size).sum::<u64>() != layer.size {
        return None;
    }
    let media_type = Some(layer.media_type.clone());
    let blob = Blob { digest: digest.clone(), size: layer.size, parts, media_type };
    Some(Made { layer: layer.clone(), blob, spool })
}

fn tar_place(store: &Store, pack: &Pack) -> PathBuf {
    store.path(pack.files.first().map_or("", |file| &file.digest))
}

fn parts(store: &Store, pack: &Pack) -> Vec<Part> {
    let files: Vec<(&str, u64)> = pack.files.iter().map(|file| (file.path.as_str(), file.size)).collect();
    let part = |stretch| match stretch {
        Stretch::Made(bytes) => Part::Bytes(Bytes::from(bytes)),
        Stretch::File(number) => {
            let file = &pack.files[number];
            Part::File { path: store.path(&file.digest), size: file.size }
        }
    };
    stretches(&files).into_iter().map(part).collect()
}

fn compress(store: &Store, pack: &Pack, parts: &[Part]) -> Result<(u64, String, Spool)> {
    let draft = store.draft()?;
    let place = draft.path().to_owned();
    let wrong = |source| Error::Write { path: place.clone(), source };
    let mut read = Ok(());
    let out = Summed::new(draft.as_file());
    // No name and no time in the header: those would be of the moment.
    let mut packed = GzBuilder::new().mtime(0).write(out, pack.packing.compression());
    let mut tar = Tar::new(parts);
    let mut bytes = Buffer::new(256 << 10);
    loop {
        match tar.read(&mut bytes) {
            Ok(0) => break,
            Ok(length) => packed.write_all(&bytes[..length]).map_err(wrong)?,
            Err(source) => {
                read = Err(Error::Read { path: tar_place(store, pack), source });
                break;
            }
        }
    }
    let out = packed.finish().map_err(wrong)?;
    read?;
    let (_, digest, size) = out.finish();
    // A crash must not leave a name with other bytes behind it.
    draft.as_file().sync_data().map_err(wrong)?;
    let path = store.spool(&digest)?;
    // Another one may be sending the same right now.
    if let Some(spool) = Spool::at(&path, size) {
        return Ok((size, digest, spool));
    }
    let file =
        draft.persist(&path).map_err(|error| Error::Write { path: path.clone(), source: error.error })?;
    let _unlocked = file.lock_shared();
    Ok((size, digest, Spool { path, file }))
}

/// A tar, read from its parts in order.
struct Tar<'a> {
    parts: std::slice::Iter<'a, Part>,
    open: Box<dyn Read>,
    /// Bytes that the open part still owes.
    owed: u64,
}

impl<'a> Tar<'a> {
    fn new(parts: &'a [Part]) -> Self {
        Self { parts: parts.iter(), open: Box::new(io::empty()), owed: 0 }
    }
}

impl Read for Tar<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.owed > 0 {
                let most = usize::try_from(self.owed).unwrap_or(usize::MAX).min(bytes.len());
                let read = self.open.read(&mut bytes[..most])?;
                if read == 0 {
                    return Err(io::Error::other("it is shorter than it was"));
                }
                self.owed -= read as u64;
                return Ok(read);
            }
            let Some(part) = self.parts.next() else { return Ok(0) };
            self.owed = part.size();
            self.open = match part {
                Part::Bytes(bytes) => Box::new(io::Cursor::new(bytes.clone())),
                Part::File { path, .. } => Box::new(fs::File::open(path)?),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::super::lock::Packed;
    use super::super::testing;
    use super::*;

    fn entry(pack: &Pack, layer: &Layer) -> Entry {
        let files = pack.files.iter().map(|file| Packed {
            path: file.path.clone(),
            size: file.size,
            digest: file.digest.clone(),
            layer: layer.digest.clone(),
        });
        testing::entry(files.collect(), vec![layer.clone()])
    }

    fn packed(packing: Packing) -> (tempfile::TempDir, Store, Pack) {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let file = testing::put(&store, "a.bin", b"bytes").file();
        (root, store, Pack { files: vec![file], packing })
    }

    #[test]
    fn a_layer_that_is_listed_is_sent_without_being_made_again() {
        for packing in [Packing::Raw, Packing::Gzip] {
            let (_root, store, pack) = packed(packing);
            let made = make(&store, &pack).unwrap();
            let recalled = recall(&store, &pack, &entry(&pack, &made.layer)).unwrap();
            assert_eq!((&recalled.layer, &recalled.blob), (&made.layer, &made.blob));
            made.sent();
            assert!(recall(&store, &pack, &entry(&pack, &made.layer)).is_some(), "another one sends it");
            recalled.sent();
            let again = recall(&store, &pack, &entry(&pack, &made.layer));
            assert_eq!(
                again.is_some(),
                packing == Packing::Raw,
                "a compressed one waits only until it is sent"
            );
        }
    }

    #[test]
    fn a_layer_of_other_files_or_of_another_kind_is_none() {
        let (_root, store, pack) = packed(Packing::Raw);
        let made = make(&store, &pack).unwrap();
        let listed = entry(&pack, &made.layer);
        let more = Packed { path: "b.bin".to_owned(), ..listed.files[0].clone() };
        let with_more = Entry { files: vec![listed.files[0].clone(), more], ..listed.clone() };
        assert!(recall(&store, &pack, &with_more).is_none());
        let larger = Layer { size: made.layer.size + 512, ..made.layer.clone() };
        assert!(recall(&store, &pack, &entry(&pack, &larger)).is_none());
        assert!(recall(&store, &Pack { packing: Packing::Gzip, ..pack.clone() }, &listed).is_none());
    }
}
