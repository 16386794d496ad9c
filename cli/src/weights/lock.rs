//! `weights.lock`: what was imported, down to the last byte.
//!
//! Owns the file's form, and that it is believed only where it agrees with itself: the digests in it are computed again
//! from what it lists. Written as a whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::artifact::{Artifact, escaped};
use super::inventory::{File, is_safe, set_digest};
use super::packing::{GZIP, RAW, ZSTD};
use super::{Error, Result};
use crate::digest::is_digest;

/// Its name, beside `cog.yaml`.
pub const FILE: &str = "weights.lock";
const VERSION: u64 = 1;

/// The lock file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    version: u64,
    /// The digest of the rules that files were packed by.
    pub envelope_format: String,
    /// What was imported, in the order of the configuration.
    pub weights: Vec<Entry>,
}

/// A weight that was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// The directory in the container.
    pub target: String,
    /// Where it came from.
    pub sources: Vec<Source>,
    /// When.
    pub imported_at: String,
    /// `sha256:…` of its manifest.
    pub digest: String,
    /// The digest of all its files together.
    pub set_digest: String,
    /// Bytes of its files.
    pub size: u64,
    /// Bytes of its layers.
    pub size_compressed: u64,
    /// Its files, by path.
    pub files: Vec<Packed>,
    /// Its layers, by digest.
    pub layers: Vec<Layer>,
}

/// A source that was imported from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its address, in its one form.
    pub uri: String,
    /// What it was then.
    pub fingerprint: String,
    /// Patterns that admit files, sorted.
    pub include: Vec<String>,
    /// Patterns that drop files, sorted.
    pub exclude: Vec<String>,
}

/// A file, and the layer it is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// Its path below the target.
    pub path: String,
    /// Its size, in bytes.
    pub size: u64,
    /// `sha256:…` of its bytes.
    pub digest: String,
    /// `sha256:…` of the layer.
    pub layer: String,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Layer {
    /// `sha256:…` of its bytes.
    pub digest: String,
    /// Its media type.
    pub media_type: String,
    /// Its size, in bytes.
    pub size: u64,
    /// Bytes of the files in it.
    pub size_uncompressed: u64,
}

impl Packed {
    /// The file itself.
    pub(super) fn file(&self) -> File {
        File { path: self.path.clone(), size: self.size, digest: self.digest.clone() }
    }
}

impl Entry {
    /// Puts in what follows from the rest: order, sizes, digests.
    pub(super) fn settle(mut self) -> Self {
        self.files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        self.layers.sort_unstable_by(|one, other| one.digest.cmp(&other.digest));
        self.layers.dedup_by(|one, other| one.digest == other.digest);
        self.size = self.files.iter().map(|file| file.size).sum();
        self.size_compressed = self.layers.iter().map(|layer| layer.size).sum();
        self.set_digest = set_digest(self.inventory().iter());
        self.digest = Artifact::of(&self).digest();
        self
    }

    /// Its files.
    pub(super) fn inventory(&self) -> Vec<File> {
        self.files.iter().map(Packed::file).collect()
    }

    /// Whether it is the same but for the moment of its import.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let at = |entry: &Self| Self { imported_at: String::new(), ..entry.clone() };
        at(self) == at(other)
    }

    /// What of it does not agree with itself.
    pub(super) fn contradiction(&self) -> Option<String> {
        let layers: BTreeMap<&str, &Layer> =
            self.layers.iter().map(|layer| (layer.digest.as_str(), layer)).collect();
        let mut paths = BTreeSet::new();
        for file in &self.files {
            if !is_safe(&file.path) {
                return Some(format!("`{}` is no path below a directory", file.path));
            }
            if !is_digest(&file.digest) {
                return Some(format!("the digest of `{}` is none", file.path));
            }
            if !paths.insert(&file.path) {
                return Some(format!("`{}` is listed twice", file.path));
            }
            if !layers.contains_key(file.layer.as_str()) {
                return Some(format!("the layer of `{}` is not listed", file.path));
            }
        }
        for layer in &self.layers {
            if !is_digest(&layer.digest) {
                return Some(format!("`{}` is no digest of a layer", layer.digest));
            }
            if ![RAW, GZIP, ZSTD].contains(&layer.media_type.as_str()) {
                return Some(format!("`{}` is no media type of a layer", layer.media_type));
            }
        }
        let settled = self.clone().settle();
        if settled.set_digest != self.set_digest {
            return Some("`setDigest` is not that of the files".to_owned());
        }
        (settled != *self).then(|| "`digest` is not that of what is listed".to_owned())
    }
}

impl Lock {
    /// The lock file at `path`; `None` where there is none.
    ///
    /// # Errors
    /// One that cannot be read, or whose form is another.
    pub(super) fn read(path: &Path) -> Result<Option<Self>> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::Read { path: path.to_owned(), source }),
        };
        let bad = |reason: String| Error::BadLock { path: path.to_owned(), reason };
        let lock: Self = serde_json::from_slice(&text).map_err(|error| bad(error.to_string()))?;
        if lock.version != VERSION {
            return Err(bad(format!("its version is {}, and this program knows {VERSION}", lock.version)));
        }
        let (mut names, mut targets) = (BTreeSet::new(), BTreeSet::new());
        for weight in &lock.weights {
            if !names.insert(&weight.name) {
                return Err(bad(format!("weight `{}` is in it twice", weight.name)));
            }
            if !targets.insert(weight.target.trim_end_matches('/')) {
                return Err(bad(format!("target `{}` is in it twice", weight.target)));
            }
        }
        Ok(Some(lock))
    }

    /// A lock of these weights.
    pub(super) fn of(envelope_format: String, weights: Vec<Entry>) -> Self {
        Self { version: VERSION, envelope_format, weights }
    }

    /// The weight of that name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.weights.iter().find(|weight| weight.name == name)
    }

    /// The file's text.
    pub(super) fn text(&self) -> String {
        escaped(&serde_json::to_string_pretty(self).unwrap_or_default())
    }

    /// Puts it at `path`, as a whole, where a crash cannot lose it.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        let wrong = |source| Error::Write { path: PathBuf::from(path), source };
        let write = || {
            let mut file = tempfile::Builder::new().prefix(".weights.lock.").tempfile_in(directory)?;
            file.write_all(self.text().as_bytes())?;
            use std::os::unix::fs::PermissionsExt;
            file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)?;
            fs::File::open(directory)?.sync_all()
        };
        write().map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::super::packing::envelope_format;
    use super::*;

    const FIXTURES: [&str; 2] = [
        include_str!("fixtures/managed-weights.weights.lock"),
        include_str!("fixtures/resnet-managed-weights.weights.lock"),
    ];

    fn read(text: &str) -> Result<Lock> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(FILE);
        fs::write(&path, text).unwrap();
        Lock::read(&path).map(Option::unwrap)
    }

    /// Compressed layers are taken from the files as they are recorded: other tools compress with another library,
    /// whose bytes differ. Everything that is computed from files and layers has to come out the same.
    #[test]
    fn the_digests_of_lock_files_that_another_tool_wrote_are_reproduced() {
        for text in FIXTURES {
            let lock = read(text).unwrap();
            assert_eq!(lock.envelope_format, envelope_format());
            for weight in &lock.weights {
                let bare = Entry {
                    digest: String::new(),
                    set_digest: String::new(),
                    size: 0,
                    size_compressed: 0,
                    ..weight.clone()
                };
                let settled = bare.settle();
                assert_eq!(settled.set_digest, weight.set_digest, "{}", weight.name);
                assert_eq!(settled.digest, weight.digest, "{}", weight.name);
                assert_eq!(&settled, weight);
                assert_eq!(weight.contradiction(), None);
            }
        }
    }

    #[test]
    fn the_files_of_those_locks_are_packed_into_the_same_layers() {
        for text in FIXTURES {
            for weight in read(text).unwrap().weights {
                let packs = super::super::packing::pack(&weight.inventory());
                assert_eq!(packs.len(), weight.layers.len());
                for pack in packs {
                    let layers: BTreeSet<&str> = weight
                        .files
                        .iter()
                        .filter(|file| pack.files.contains(&file.file()))
                        .map(|file| file.layer.as_str())
                        .collect();
                    assert_eq!(layers.len(), 1, "one layer for one pack");
                    let layer =
                        weight.layers.iter().find(|layer| layers.contains(layer.digest.as_str())).unwrap();
                    assert_eq!(layer.media_type, pack.packing.media_type());
                    assert_eq!(layer.size_uncompressed, pack.files.iter().map(|file| file.size).sum::<u64>());
                }
            }
        }
    }

    #[test]
    fn a_lock_is_written_as_it_was_read() {
        for text in FIXTURES {
            assert_eq!(read(text).unwrap().text(), text);
        }
    }

    #[test]
    fn a_lock_that_was_edited_is_not_believed() {
        let edits = [
            ("\"size\": 1153", "\"size\": 1154"),
            ("config.json", "other.json"),
            ("e747b85e", "e747b85f"),
            ("/src/weights/parakeet", "/src/weights/sparrow"),
            ("281011", "281012"),
            ("\"config.json\"", "\"../config.json\""),
        ];
        for (old, new) in edits {
            let lock = read(&FIXTURES[0].replacen(old, new, 1)).unwrap();
            assert!(lock.weights[0].contradiction().is_some(), "{old} to {new}");
        }
        for (old, new) in [("\"version\": 1", "\"version\": 2"), ("minilm", "parakeet"), ("{", "[")] {
            assert!(
                matches!(read(&FIXTURES[0].replace(old, new)), Err(Error::BadLock { .. })),
                "{old} to {new}"
            );
        }
    }
}
