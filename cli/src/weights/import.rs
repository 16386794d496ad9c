//! From sources to the store and the lock file, and from the store to the registry.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use bytes::Bytes;
use jiff::Timestamp;

use super::artifact::{Artifact, CONFIG, MANIFEST};
use super::filter::Filter;
use super::ingest::ingest;
use super::inventory::{self, set_digest};
use super::layers::{Made, make, recall};
use super::lock::{Entry, FILE, Lock, Packed, Source};
use super::packing::{Pack, envelope_format, pack};
use super::seen::Seen;
use super::source::{self, Address, Found, Had, Hub, Web, walk};
use super::store::Store;
use super::teller::Teller;
use super::{Error, Result, drift};
use crate::config::Weight;
use crate::context::trust::Certificates;
use crate::digest::digest;
use crate::engine::Progress;
use crate::registry::{Blob, Parcel, Part, Registry};
use crate::side_by_side::side_by_side;

/// What an import came to.
#[derive(Debug)]
pub struct Imported {
    /// The weights that were asked for.
    pub entries: Vec<Entry>,
    /// Names of those that are new or changed.
    pub changed: Vec<String>,
    /// Whether the lock file was written.
    pub written: bool,
}

/// Imports these weights. Those of the lock file that `all` no longer has are dropped from it. With `dry` nothing is
/// kept: the digests say what would be. It is to be called from a thread of a runtime's that may block.
///
/// # Errors
/// Sources that cannot be read, or that change meanwhile; a disk that is full. The lock file is then as it was.
pub fn import(
    project: &Path,
    all: &[Weight],
    wanted: &[&Weight],
    certificates: Option<&Certificates>,
    store: &Store,
    dry: bool,
    teller: &Teller,
) -> Result<Imported> {
    let means = Means { certificates, web: OnceLock::new(), seen: store.seen(), store, dry, teller };
    let path = project.join(FILE);
    let old = Lock::read(&path)?;
    let format = envelope_format();
    let fresh = old.as_ref().is_some_and(|old| old.envelope_format == format);
    let mut imported = Imported { entries: Vec::new(), changed: Vec::new(), written: false };
    for weight in wanted {
        let known = old.as_ref().and_then(|old| old.get(&weight.name));
        let known = known.filter(|known| fresh && known.contradiction().is_none());
        let (sources, files) = means.gather(project, weight, known)?;
        let entry = means.entry(weight, sources, &files, known)?;
        match known.filter(|known| known.is_like(&entry)) {
            Some(known) => imported.entries.push(known.clone()),
            None => {
                imported.changed.push(weight.name.clone());
                imported.entries.push(entry);
            }
        }
    }
    let kept = |weight: &Weight| {
        let new = imported.entries.iter().find(|entry| entry.name == weight.name);
        new.or_else(|| old.as_ref()?.get(&weight.name)).cloned()
    };
    let lock = Lock::of(format, all.iter().filter_map(kept).collect());
    if !dry && old.as_ref() != Some(&lock) {
        lock.write(&path)?;
        imported.written = true;
    }
    Ok(imported)
}

/// What an import works with.
struct Means<'a> {
    certificates: Option<&'a Certificates>,
    web: OnceLock<Web>,
    seen: Seen,
    store: &'a Store,
    /// Nothing is kept.
    dry: bool,
    teller: &'a Teller,
}

impl Means<'_> {
    /// The way into the web, made when the first source is to come from there: to read all the system's certificates takes as long as
    /// hashing a hundred megabytes.
    fn web(&self) -> Result<&Web> {
        if let Some(web) = self.web.get() {
            return Ok(web);
        }
        let web = Web::new(self.certificates, self.teller)?;
        Ok(self.web.get_or_init(|| web))
    }

    /// Every file of a weight, by path: later sources take the place of earlier ones.
    fn gather(
        &self,
        project: &Path,
        weight: &Weight,
        known: Option<&Entry>,
    ) -> Result<(Vec<Source>, Vec<inventory::File>)> {
        let Self { store, dry, .. } = self;
        let (mut sources, mut files) = (Vec::new(), BTreeMap::new());
        for wanted in &weight.source {
            let (uri, address) = Address::of(&wanted.uri, project)?;
            let filter = Filter::new(&wanted.include, &wanted.exclude)?;
            let before = known.and_then(|known| former(known, &uri));
            let runtime = tokio::runtime::Handle::current();
            let had = match &address {
                Address::Directory(place) => self.directory(place, &filter)?,
                Address::Web(url) => {
                    let before = before.and_then(|(print, mut files)| Some((print, files.pop()?)));
                    runtime.block_on(source::file(self.web()?, url, before, store, *dry))?
                }
                Address::Hub { repository, revision } => {
                    let (hub, place) = (Hub::by_environment()?, (repository.as_str(), revision.as_deref()));
                    runtime.block_on(hub.files(self.web()?, place, &filter, before, store, *dry))?
                }
            };
            sources.push(Source {
                uri: uri.clone(),
                fingerprint: had.fingerprint,
                include: drift::sorted(&wanted.include),
                exclude: drift::sorted(&wanted.exclude),
            });
            let before = files.len();
            let admitted: Vec<inventory::File> =
                had.files.into_iter().filter(|file| filter.admits(&file.path)).collect();
            if admitted.is_empty() && before == files.len() {
                let (include, exclude) = (wanted.include.join(", "), wanted.exclude.join(", "));
                return Err(Error::Nothing { uri, include, exclude });
            }
            files.extend(admitted.into_iter().map(|file| (file.path.clone(), file)));
        }
        Ok((sources, files.into_values().collect()))
    }

    /// What a directory has. What is left out counts for what it was, and is not kept.
    fn directory(&self, place: &Path, filter: &Filter) -> Result<Had> {
        let found = walk(place)?;
        let read = |found: &Found| {
            let store = (!self.dry && filter.admits(&found.path)).then_some(self.store);
            ingest(found, store, &self.seen, self.teller)
        };
        let files = side_by_side(&found, |found| found.size, read)?;
        Ok(Had { fingerprint: set_digest(files.iter()), files })
    }

    /// The entry of these files, with its layers.
    fn entry(
        &self,
        weight: &Weight,
        sources: Vec<Source>,
        files: &[inventory::File],
        known: Option<&Entry>,
    ) -> Result<Entry> {
        let mut entry = Entry {
            name: weight.name.clone(),
            target: weight.target.clone(),
            sources,
            imported_at: Timestamp::now().to_string(),
            digest: String::new(),
            set_digest: String::new(),
            size: 0,
            size_compressed: 0,
            files: Vec::new(),
            layers: Vec::new(),
        };
        // The same files are in the same layers, whoever made them.
        if let Some(known) = known.filter(|known| known.inventory() == files) {
            entry.files.clone_from(&known.files);
            entry.layers.clone_from(&known.layers);
        } else if self.dry {
            let bare = |file: &inventory::File| Packed {
                path: file.path.clone(),
                size: file.size,
                digest: file.digest.clone(),
                layer: String::new(),
            };
            entry.files = files.iter().map(bare).collect();
        } else {
            self.teller.note(format!("Packing {}", weight.name));
            fill(&mut entry, files, None, self.store)?;
        }
        Ok(entry.settle())
    }
}

/// What a source was at an earlier import, and its files, where nothing else can have had a hand in them.
fn former<'a>(known: &'a Entry, uri: &str) -> Option<(&'a str, Vec<inventory::File>)> {
    match known.sources.as_slice() {
        [only] if only.uri == uri => Some((&only.fingerprint, known.inventory())),
        _ => None,
    }
}

/// Makes the layers of these files, and lists both. A layer that is `known` is not read again to find out its digest.
fn fill(
    entry: &mut Entry,
    files: &[inventory::File],
    known: Option<&Entry>,
    store: &Store,
) -> Result<Vec<Made>> {
    let packs = pack(files);
    let made =
        side_by_side(&packs, Pack::size, |pack| match known.and_then(|known| recall(store, pack, known)) {
            Some(made) => Ok(made),
            None => make(store, pack),
        })?;
    entry.layers = made.iter().map(|made| made.layer.clone()).collect();
    entry.files = packs
        .iter()
        .zip(&made)
        .flat_map(|(pack, made)| {
            pack.files.iter().map(|file| Packed {
                path: file.path.clone(),
                size: file.size,
                digest: file.digest.clone(),
                layer: made.layer.digest.clone(),
            })
        })
        .collect();
    Ok(made)
}

/// Sends a weight to the registry, from the store; whether it was there already. The entry comes back: its layers are
/// other ones where a tool that compresses in another way made those that the lock file has.
///
/// # Errors
/// A registry that refuses, or files that are not in the store.
pub async fn push(
    registry: &Registry,
    entry: &Entry,
    store: &Store,
    progress: &mut dyn Progress,
) -> Result<(Entry, bool)> {
    if registry.holds(&entry.digest).await? {
        // With all its layers. Its tag may be gone, or stand for the same files at another target.
        let manifest = parcel(entry, Artifact::of(entry).manifest, Vec::new());
        registry.push(&manifest, &tag(entry), progress).await?;
        return Ok((entry.clone(), true));
    }
    let (mut entry, store) = (entry.clone(), store.clone());
    let work = tokio::task::spawn_blocking(move || {
        let (files, known) = (entry.inventory(), entry.clone());
        let made = fill(&mut entry, &files, Some(&known), &store)?;
        Ok::<_, Error>((entry.settle(), made))
    });
    let (entry, made) = work.await.map_err(|_| Error::Thread)??;
    let artifact = Artifact::of(&entry);
    let config = Blob {
        digest: digest(&artifact.config),
        size: artifact.config.len() as u64,
        parts: vec![Part::Bytes(Bytes::from(artifact.config))],
        media_type: Some(CONFIG.to_owned()),
    };
    let blobs = made.iter().map(|made| made.blob.clone()).chain([config]).collect();
    let parcel = parcel(&entry, artifact.manifest, blobs);
    let there = registry.push(&parcel, &tag(&entry), progress).await?;
    made.iter().for_each(Made::sent);
    Ok((entry, there))
}

fn parcel(entry: &Entry, manifest: Vec<u8>, blobs: Vec<Blob>) -> Parcel {
    Parcel { blobs, manifest, media_type: MANIFEST.to_owned(), digest: entry.digest.clone() }
}

/// Puts an entry in the place of the one of its name in the lock file.
///
/// # Errors
/// A lock file that cannot be read or written.
pub fn replace(project: &Path, entry: &Entry) -> Result<()> {
    let path = project.join(FILE);
    let Some(mut lock) = Lock::read(&path)? else { return Ok(()) };
    for old in lock.weights.iter_mut().filter(|old| old.name == entry.name) {
        old.clone_from(entry);
    }
    lock.write(&path)
}

/// The tag of a weight in the model's repository.
fn tag(entry: &Entry) -> String {
    let name: String = entry.name.chars().take(96).collect();
    format!("cog-weight.{name}.{}", crate::digest::short(&entry.set_digest))
}
