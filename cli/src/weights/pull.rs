//! From the registry to the store: layers side by side, files straight out of them, each held to its digest.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;

use super::ingest::hash;
use super::inventory::File;
use super::lock::{Entry, Layer};
use super::packing::RAW;
use super::store::Store;
use super::{Error, Result};
use crate::registry::Registry;

/// Layers that are under way at once.
const AT_ONCE: usize = 4;
/// Pieces that wait for the disk at most.
const WAITING: usize = 16;

/// What a pull came to.
#[derive(Debug, Default)]
pub struct Pulled {
    /// Files that came.
    pub files: usize,
    /// Bytes of them.
    pub size: u64,
    /// Layers they came in.
    pub layers: usize,
}

/// Brings what the store lacks of a weight.
///
/// # Errors
/// A lock file that was edited, a registry that refuses or gives out something else, a disk that is full. What came
/// whole is kept.
pub async fn pull(registry: &Registry, entry: &Entry, store: &Store) -> Result<Pulled> {
    if let Some(reason) = entry.contradiction() {
        return Err(Error::Edited { name: entry.name.clone(), reason });
    }
    let mut missing: BTreeMap<&str, BTreeMap<String, File>> = BTreeMap::new();
    for packed in &entry.files {
        if !store.has(&packed.file()) {
            missing.entry(&packed.layer).or_default().insert(packed.path.clone(), packed.file());
        }
    }
    let mut pulled = Pulled { layers: missing.len(), ..Pulled::default() };
    for file in missing.values().flat_map(BTreeMap::values) {
        pulled.files += 1;
        pulled.size += file.size;
    }
    let layers =
        entry.layers.iter().filter_map(|layer| Some((layer, missing.remove(layer.digest.as_str())?)));
    futures_util::stream::iter(layers)
        .map(|(layer, wanted)| bring(registry, entry, layer, wanted, store))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(pulled)
}

async fn bring(
    registry: &Registry,
    entry: &Entry,
    layer: &Layer,
    wanted: BTreeMap<String, File>,
    store: &Store,
) -> Result<()> {
    let spoiled =
        |reason: String| Error::Spoiled { weight: entry.name.clone(), layer: layer.digest.clone(), reason };
    if ![RAW, super::packing::GZIP].contains(&layer.media_type.as_str()) {
        return Err(spoiled(format!("this version does not read `{}`", layer.media_type)));
    }
    let Some(mut source) = registry.download(&layer.digest, layer.size).await? else {
        return Err(Error::NotPushed { weight: entry.name.clone(), layer: layer.digest.clone() });
    };
    let (sender, receiver) = mpsc::channel(WAITING);
    let (store, raw) = (store.clone(), layer.media_type == RAW);
    let unpacked = tokio::task::spawn_blocking(move || {
        let mut arriving = Arriving { receiver, piece: Bytes::new(), digest: crate::digest::Hasher::new() };
        let result = if raw {
            unpack(&mut arriving, wanted, &store)
        } else {
            unpack(MultiGzDecoder::new(&mut arriving), wanted, &store)
        };
        // What follows the last file belongs to the layer's digest.
        let rest = io::copy(&mut arriving, &mut io::sink());
        (result, rest.is_ok(), arriving.digest.finish())
    });
    let mut failed = None;
    loop {
        match source.next().await {
            Ok(Some(piece)) => {
                if sender.send(Ok(piece)).await.is_err() {
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                let _unheard = sender.send(Err(io::Error::other("cut off"))).await;
                failed = Some(error);
                break;
            }
        }
    }
    drop(sender);
    let (result, whole, digest) = unpacked.await.map_err(|_| Error::Thread)?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    match result {
        Ok(()) if whole && digest == layer.digest => Ok(()),
        // The files that were wanted are held to their own digests; the layer's tells of all the rest.
        Ok(()) => Err(spoiled(format!("its digest is {digest}"))),
        Err(Failure::Ours(error)) => Err(error),
        Err(Failure::Layer(reason)) => Err(spoiled(reason)),
    }
}

enum Failure {
    Ours(Error),
    Layer(String),
}

fn unpack(
    tar: impl Read,
    mut wanted: BTreeMap<String, File>,
    store: &Store,
) -> std::result::Result<(), Failure> {
    let broken = |error: io::Error| Failure::Layer(error.to_string());
    let mut archive = tar::Archive::new(tar);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        if entry.header().entry_type().is_dir() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some(file) = wanted.remove(&path) else { continue };
        if !entry.header().entry_type().is_file() {
            return Err(Failure::Layer(format!("`{path}` is no file")));
        }
        let mut draft = store.draft().map_err(Failure::Ours)?;
        let place = draft.path().to_owned();
        let read = hash(&mut entry, Path::new(&path), Some(draft.as_file_mut()));
        let (size, digest) = read.map_err(|error| match error {
            Error::Read { source, .. } => broken(source),
            Error::Write { source, .. } => Failure::Ours(Error::Write { path: place, source }),
            other => Failure::Ours(other),
        })?;
        if (size, &digest) != (file.size, &file.digest) {
            return Err(Failure::Layer(format!("`{path}` is {digest}")));
        }
        store.adopt(draft, &digest).map_err(Failure::Ours)?;
    }
    match wanted.keys().next() {
        None => Ok(()),
        Some(path) => Err(Failure::Layer(format!("`{path}` is not in it"))),
    }
}

/// What has come of a layer, as something to be read.
struct Arriving {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
    digest: crate::digest::Hasher,
}

impl Read for Arriving {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let length = bytes.len().min(self.piece.len());
        let piece = self.piece.split_to(length);
        self.digest.update(&piece);
        bytes[..length].copy_from_slice(&piece);
        Ok(length)
    }
}
