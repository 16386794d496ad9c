//! A directory in the form of the OCI image layout, 1.0: blobs by digest, and an index that names one image.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::image::MANIFEST;
use super::memory::{self, Memory};
use super::{Error, Image, Layer, Packing, Result, rewrite};
use crate::context::ContextError;
use crate::context::archive::{self, Content, Entry};
use crate::digest::{digest, hex};
use crate::reference::Reference;

/// Where a layout notes what its layers were made of.
const LAYERS: &str = "layers.json";

/// What names the image.
const INDEX: &str = "index.json";

/// What says that a directory is a layout, and of which version.
pub const MARK: &str = "oci-layout";
const VERSION: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// What the names of files begin with that are not finished.
const DRAFT: &str = ".cog-";

/// An image layout being written. What its index named before stays whole until [`Layout::name`].
#[derive(Debug)]
pub struct Layout {
    directory: PathBuf,
    memory: Option<Memory>,
    /// Whether what is here outlives this program, and so a machine that fails.
    stays: bool,
}

impl Layout {
    /// Says whether there can be a layout in `directory`: it holds one of a single image without a name, or nothing.
    ///
    /// # Errors
    /// It holds other things, or cannot be read.
    pub fn fits(directory: &Path) -> Result<()> {
        let mut entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(Error::Write { path: directory.to_owned(), source }),
        };
        if directory.join(MARK).is_file() {
            let free = names_one_at_most(&directory.join(INDEX));
            return if free { Ok(()) } else { Err(Error::Shared(directory.to_owned())) };
        }
        let occupied = entries.any(|entry| !entry.is_ok_and(|entry| is_draft(&entry)));
        if occupied { Err(Error::Occupied(directory.to_owned())) } else { Ok(()) }
    }

    /// A layout in `directory`, which is new, empty or a layout already.
    ///
    /// # Errors
    /// A directory that cannot be made, or that holds something else.
    pub fn open(directory: &Path) -> Result<Self> {
        let layout = Self { directory: directory.to_owned(), memory: None, stays: true };
        Self::fits(directory)?;
        let make = |path: &Path| {
            fs::create_dir_all(path).map_err(|source| Error::Write { path: path.to_owned(), source })
        };
        make(directory)?;
        // First of all, so that a killed build leaves nothing that the next would take for somebody else's.
        layout.replace(MARK, VERSION)?;
        make(&layout.blobs())?;
        Ok(layout)
    }

    /// The same in a directory that is gone before long: nothing waits for a disk.
    ///
    /// # Errors
    /// As for [`Layout::open`].
    pub fn passing(directory: &Path) -> Result<Self> {
        Ok(Self { stays: false, ..Self::open(directory)? })
    }

    /// The same, but where a layer is written once for as long as its files stay as they are. For one writer at a time.
    ///
    /// # Errors
    /// As for [`Layout::open`].
    pub fn kept(directory: &Path) -> Result<Self> {
        Ok(Self { memory: Some(Memory::of(directory.join(LAYERS))), ..Self::open(directory)? })
    }

    /// Writes a layer of these entries, sorted or not.
    ///
    /// # Errors
    /// A file that cannot be read or changes meanwhile, a disk that is full.
    pub fn layer(&self, about: &str, packing: Packing, mut entries: Vec<Entry>) -> Result<Layer> {
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        let Some(memory) = &self.memory else { return self.pack(about, packing, &entries) };
        let key = memory::key(about, packing, &entries);
        if let Some(known) = key.as_deref().and_then(|key| memory.recall(key)).filter(|known| self.has(known))
        {
            return Ok(known);
        }
        let layer = self.pack(about, packing, &entries)?;
        // What changed while it was read is of no one moment.
        if let Some(key) = key.filter(|key| memory::key(about, packing, &entries).as_ref() == Some(key)) {
            memory.add(key, layer.clone());
        }
        Ok(layer)
    }

    fn pack(&self, about: &str, packing: Packing, entries: &[Entry]) -> Result<Layer> {
        self.write(about, packing, |out| Ok(archive::write(entries, out)?))
    }

    /// Writes a layer that an engine made, with the times of its files made the same as everywhere else.
    ///
    /// # Errors
    /// A tar that cannot be read, a disk that is full.
    pub fn engines(&self, about: &str, packing: Packing, tar: impl io::Read) -> Result<Layer> {
        self.write(about, packing, |out| Ok(rewrite::timeless(tar, out).map_err(ContextError::Write)?))
    }

    /// Writes a layer of somebody else's as it is.
    ///
    /// # Errors
    /// As for [`Layout::engines`].
    pub fn foreign(&self, about: &str, packing: Packing, mut tar: impl io::Read) -> Result<Layer> {
        self.write(about, packing, |out| {
            io::copy(&mut tar, out).map(drop).map_err(|error| ContextError::Write(error).into())
        })
    }

    /// Whether the layer is here, as it was written.
    pub fn has(&self, layer: &Layer) -> bool {
        let file = self.blob(&layer.digest);
        self.memory.as_ref().is_some_and(|memory| memory.is_untouched(&layer.digest, &file))
    }

    fn write(
        &self,
        about: &str,
        packing: Packing,
        fill: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<Layer> {
        let blobs = self.blobs();
        let wrong = |source| Error::Write { path: blobs.clone(), source };
        let mut file = NamedTempFile::new_in(&blobs).map_err(wrong)?;
        let layer = Layer::write(about, packing, fill, io::BufWriter::new(file.as_file_mut()));
        // No context is being written here, and of a disk that is full more can be said.
        let layer = layer.map_err(|error| match error {
            Error::Content(ContextError::Write(source)) => wrong(source),
            other => other,
        })?;
        self.finish(&file).map_err(wrong)?;
        let blob = self.blob(&layer.digest);
        file.persist(&blob).map_err(|error| wrong(error.error))?;
        if let Some(memory) = &self.memory {
            memory.wrote(&layer.digest, &blob);
        }
        Ok(layer)
    }

    /// Makes `image`, whose layers are here, the one that the layout names, and removes what is not of it.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn name(&self, image: &Image) -> Result<()> {
        for bytes in [&image.config, &image.manifest] {
            self.replace(&format!("blobs/sha256/{}", hex(&digest(bytes))), bytes)?;
        }
        self.replace(INDEX, index(image, &Value::Null).to_string().as_bytes())?;
        self.keep_only(image);
        if let Some(memory) = &self.memory {
            memory.keep(&image.layers);
        }
        Ok(())
    }

    /// The image as the archive that `docker load` reads, to be called `name`; without the `known` lowest of its layers,
    /// which the engine has. Engines that keep images as registries do read it as a layout: the manifest stays what it is.
    ///
    /// # Errors
    /// A layer that is not here, a writer that fails.
    pub fn archive(&self, image: &Image, name: &Reference, known: usize, out: impl Write) -> Result<()> {
        let place = |digest: &str| format!("blobs/sha256/{}", hex(digest));
        let tag = name.tag_or_latest();
        let manifest = json!([{
            "Config": place(&image.id()),
            "RepoTags": [format!("{}:{tag}", name.name())],
            "Layers": image.layers.iter().map(|layer| place(&layer.digest)).collect::<Vec<_>>(),
        }]);
        let index = index(
            image,
            &json!({
                "io.containerd.image.name": format!("{}/{}:{tag}", name.registry(), name.repository()),
                "org.opencontainers.image.ref.name": tag,
            }),
        );
        let mut layers: Vec<&Layer> = image.layers.iter().skip(known).collect();
        // Two layers of one content are one blob.
        layers.sort_by(|one, other| one.digest.cmp(&other.digest));
        layers.dedup_by(|one, other| one.digest == other.digest);
        let mut entries: Vec<Entry> = layers
            .into_iter()
            .map(|layer| {
                let source = self.blob(&layer.digest);
                let content = Content::File { source, size: layer.size, executable: false };
                Entry::new(place(&layer.digest), content)
            })
            .collect();
        entries.extend([
            Entry::new(place(&image.digest()), Content::Made(image.manifest.clone())),
            Entry::new(place(&image.id()), Content::Made(image.config.clone())),
            Entry::new(INDEX, Content::Made(index.to_string().into_bytes())),
            Entry::new("manifest.json", Content::Made(manifest.to_string().into_bytes())),
            Entry::new(MARK, Content::Made(VERSION.to_vec())),
        ]);
        Ok(archive::write(&entries, out)?)
    }

    /// Every file of the image but its manifest: digest, size in bytes, place.
    pub fn files(&self, image: &Image) -> Vec<(String, u64, PathBuf)> {
        let layers = image.layers.iter().map(|layer| (layer.digest.clone(), layer.size));
        let all = layers.chain([(image.id(), image.config.len() as u64)]);
        all.map(|(digest, size)| (digest.clone(), size, self.blob(&digest))).collect()
    }

    fn blobs(&self) -> PathBuf {
        self.directory.join("blobs/sha256")
    }

    fn blob(&self, digest: &str) -> PathBuf {
        self.blobs().join(hex(digest))
    }

    /// Puts a file in its place as a whole.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.directory.join(name);
        let write = || {
            let mut file = tempfile::Builder::new().prefix(DRAFT).tempfile_in(&self.directory)?;
            file.write_all(bytes)?;
            self.finish(&file)?;
            file.persist(&path).map_err(|error| error.error)
        };
        write().map(drop).map_err(|source| Error::Write { path: path.clone(), source })
    }

    /// Blobs of an image that was here before only take room, so it is no failure when they stay.
    fn keep_only(&self, image: &Image) {
        let (id, digest) = (image.id(), image.digest());
        let layers = image.layers.iter().map(|layer| layer.digest.as_str());
        let wanted: BTreeSet<&str> = layers.chain([id.as_str(), &digest]).map(hex).collect();
        for entry in fs::read_dir(self.blobs()).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_none_or(|name| !wanted.contains(name)) {
                let _stays = fs::remove_file(entry.path());
            }
        }
        // Of a build that was killed.
        for entry in fs::read_dir(&self.directory).into_iter().flatten().flatten() {
            if is_draft(&entry) {
                let _stays = fs::remove_file(entry.path());
            }
        }
    }

    /// The last thing that is done to a file before it gets its name, which promises its content.
    fn finish(&self, file: &NamedTempFile) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        // Temporary files are for their owner alone; an image is for whoever is to push it.
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        // A machine that fails may know the name and have forgotten the content.
        if self.stays { file.as_file().sync_all() } else { Ok(()) }
    }
}

/// Whether the index at `path` names no images of others: one without a name, as ours does, or none.
fn names_one_at_most(path: &Path) -> bool {
    let index: Value =
        fs::read(path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    match index["manifests"].as_array().map(Vec::as_slice) {
        None | Some([]) => true,
        Some([only]) => only["annotations"].as_object().is_none_or(serde_json::Map::is_empty),
        Some(_) => false,
    }
}

/// Whether it is a file that a build which was killed did not finish.
fn is_draft(entry: &fs::DirEntry) -> bool {
    entry.file_name().to_str().is_some_and(|name| name.starts_with(DRAFT))
}

/// An index that names one image, and says this about it.
fn index(image: &Image, annotations: &Value) -> Value {
    let mut named = json!({ "mediaType": MANIFEST, "digest": image.digest(), "size": image.manifest.len() });
    if !annotations.is_null() {
        named["annotations"] = annotations.clone();
    }
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [named],
    })
}
