//! From the registry to the store: layers side by side, each file held to its digest.
//!
//! What has come of a layer stays, whatever ends the run: the next one asks for the rest of it.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use futures_util::{StreamExt, TryStreamExt};

use super::archive::{Stretch, stretches};
use super::ingest::hash;
use super::inventory::File;
use super::lock::{Entry, Layer};
use super::packing::{GZIP, RAW, ZSTD};
use super::partial::Partial;
use super::store::Store;
use super::teller::Teller;
use super::{Error, Result};
use crate::registry::Registry;

/// Layers that are under way at once.
const AT_ONCE: usize = 4;

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
/// A lock file that was edited, a registry that refuses or gives out something else, a disk that is full. What came is
/// kept.
pub async fn pull(registry: &Arc<Registry>, entry: &Entry, store: &Store, teller: &Teller) -> Result<Pulled> {
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
        .map(|(layer, wanted)| {
            let coming = Coming {
                registry: Arc::clone(registry),
                weight: entry.name.clone(),
                only: only(entry, layer),
                layer: layer.clone(),
                store: store.clone(),
                teller: teller.clone(),
            };
            // Each on a processor of its own.
            async { tokio::spawn(coming.bring(wanted)).await.map_err(|_| Error::Thread)? }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(pulled)
}

/// The file that a layer is, where it holds no other and is not compressed, and the byte of the layer it begins at.
fn only(entry: &Entry, layer: &Layer) -> Option<(File, u64)> {
    let mut files = entry.files.iter().filter(|packed| packed.layer == layer.digest);
    let (file, None) = (files.next()?.file(), files.next()) else { return None };
    let mut stretches = stretches(&[(&file.path, file.size)]).into_iter();
    let made = |stretch: Option<Stretch>| match stretch {
        Some(Stretch::Made(bytes)) => bytes.len() as u64,
        _ => 0,
    };
    let begins = made(stretches.next());
    let ends = made(stretches.nth(1));
    // Another tool may write a tar in another way.
    (layer.media_type == RAW && begins + file.size + ends == layer.size).then_some((file, begins))
}

/// A layer on its way here.
struct Coming {
    registry: Arc<Registry>,
    weight: String,
    layer: Layer,
    /// See [`only`].
    only: Option<(File, u64)>,
    store: Store,
    teller: Teller,
}

impl Coming {
    async fn bring(self, wanted: BTreeMap<String, File>) -> Result<()> {
        if let Some((file, begins)) = &self.only {
            let partial = self.take(&file.digest, *begins, file.size).await;
            let partial =
                partial?.ok_or_else(|| self.spoiled(format!("`{}` is something else", file.path)))?;
            return partial.settle(&self.store).map(drop);
        }
        let partial = self.take(&self.layer.digest, 0, self.layer.size).await?;
        let partial = partial.ok_or_else(|| self.spoiled("its digest is another".to_owned()))?;
        let (store, media_type) = (self.store.clone(), self.layer.media_type.clone());
        let unpacked = tokio::task::spawn_blocking(move || {
            let read = partial.read().map_err(Failure::Ours)?;
            let result = unpack(&media_type, read, wanted, &store);
            partial.discard();
            result
        });
        match unpacked.await.map_err(|_| Error::Thread)? {
            Ok(()) => Ok(()),
            Err(Failure::Ours(error)) => Err(error),
            Err(Failure::Layer(reason)) => Err(self.spoiled(reason)),
        }
    }

    /// Takes `size` bytes of the layer from its byte `begins` on, as far as they are not here already; `None` where they
    /// are not those of `digest`.
    async fn take(&self, digest: &str, begins: u64, size: u64) -> Result<Option<Partial>> {
        let mut partial = self.store.partial(Some(digest)).await?;
        loop {
            if partial.size() > size {
                partial.begin_anew()?;
            }
            let resumed = partial.size() > 0;
            self.fill(&mut partial, begins, size).await?;
            if partial.digest() == digest {
                return Ok(Some(partial));
            }
            if !resumed {
                partial.discard();
                return Ok(None);
            }
            // What was here may have been spoilt.
            partial.begin_anew()?;
        }
    }

    async fn fill(&self, partial: &mut Partial, begins: u64, size: u64) -> Result<()> {
        if partial.size() == size {
            return Ok(());
        }
        let Layer { digest, size: all, .. } = &self.layer;
        let Some(mut source) = self.registry.download(digest, *all, begins + partial.size()).await? else {
            return Err(Error::NotPushed { weight: self.weight.clone(), layer: digest.clone() });
        };
        let name = self.only.as_ref().map_or_else(|| crate::digest::short(digest), |(file, _)| &file.path);
        let mut line = self.teller.of(name, size);
        while partial.size() < size
            && let Some(piece) = source.next().await?
        {
            let rest = usize::try_from(size - partial.size()).unwrap_or(usize::MAX);
            partial.add(&piece[..piece.len().min(rest)])?;
            line.at(partial.size());
        }
        line.done();
        Ok(())
    }

    fn spoiled(&self, reason: String) -> Error {
        Error::Spoiled { weight: self.weight.clone(), layer: self.layer.digest.clone(), reason }
    }
}

enum Failure {
    Ours(Error),
    Layer(String),
}

/// Takes the files that are wanted out of a layer of this media type.
fn unpack(
    media_type: &str,
    layer: impl Read,
    wanted: BTreeMap<String, File>,
    store: &Store,
) -> std::result::Result<(), Failure> {
    match media_type {
        GZIP => take_out(MultiGzDecoder::new(layer), wanted, store),
        ZSTD => match zstd::Decoder::new(layer) {
            Ok(tar) => take_out(tar, wanted, store),
            Err(error) => Err(Failure::Layer(error.to_string())),
        },
        _ => take_out(layer, wanted, store),
    }
}

fn take_out(
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
        let read = hash(&mut entry, Path::new(&path), Some(draft.as_file_mut()), &mut |_| {});
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use std::io::Write;

    use flate2::write::GzEncoder;

    use super::*;
    use crate::digest::digest;

    fn tar() -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(5);
        tar.append_data(&mut header, "deep/vocab.txt", &b"words"[..]).unwrap();
        tar.into_inner().unwrap()
    }

    fn unpacked(media_type: &str, layer: &[u8]) -> std::result::Result<bool, String> {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().to_owned());
        let file = File { path: "deep/vocab.txt".to_owned(), size: 5, digest: digest(b"words") };
        match unpack(media_type, layer, BTreeMap::from([(file.path.clone(), file.clone())]), &store) {
            Ok(()) => Ok(store.has(&file)),
            Err(Failure::Layer(reason)) => Err(reason),
            Err(Failure::Ours(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn a_layer_is_read_in_whatever_way_it_is_compressed() {
        let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(&tar()).unwrap();
        // Some tools compress in several frames.
        let (one, other) = (&tar()[..700], &tar()[700..]);
        let zstd = [zstd::encode_all(one, 3).unwrap(), zstd::encode_all(other, 3).unwrap()].concat();
        assert_eq!(unpacked(RAW, &tar()), Ok(true));
        assert_eq!(unpacked(GZIP, &gzip.finish().unwrap()), Ok(true));
        assert_eq!(unpacked(ZSTD, &zstd), Ok(true));
        assert!(unpacked(ZSTD, &zstd[..zstd.len() / 2]).is_err());
        assert!(unpacked(ZSTD, &tar()).is_err());
    }
}
