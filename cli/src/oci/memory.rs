//! What was packed before: a layer of files that are as they were is neither read nor packed nor hashed again.
//!
//! Owns how a file is known to be as it was: its place on the disk, its size, and both of its times. A file that was
//! written this very moment may change again within the same tick, so nothing is remembered of it. The layers themselves
//! are known in the same way: one that somebody has laid hands on is written anew.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Layer, Packing};
use crate::context::archive::{Content, Entry};
use crate::digest::digest;
use crate::stamp::stamp;

/// Seconds for which a file counts as just written.
const FRESH: i64 = 1;

/// Layers by what they were made of, in a file.
#[derive(Debug)]
pub(super) struct Memory {
    file: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    /// Layers by what they were made of.
    layers: BTreeMap<String, Layer>,
    /// The state that each layer's file was left in, by its digest.
    files: BTreeMap<String, String>,
}

impl Memory {
    /// What `file` tells of; one that cannot be read tells of nothing.
    pub(super) fn of(file: PathBuf) -> Self {
        let known = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        Self { file, known: Mutex::new(known.unwrap_or_default()) }
    }

    /// The layer that was made of the same.
    pub(super) fn recall(&self, key: &str) -> Option<Layer> {
        self.known().layers.get(key).cloned()
    }

    pub(super) fn add(&self, key: String, layer: Layer) {
        self.known().layers.insert(key, layer);
    }

    /// Notes that the layer of this digest has just been written to `file`.
    pub(super) fn wrote(&self, digest: &str, file: &Path) {
        if let Ok(stat) = fs::metadata(file) {
            self.known().files.insert(digest.to_owned(), stamp(&stat));
        }
    }

    /// Whether `file` is as the layer of this digest was left.
    pub(super) fn is_untouched(&self, digest: &str, file: &Path) -> bool {
        let stat = fs::metadata(file).ok();
        stat.is_some_and(|stat| self.known().files.get(digest) == Some(&stamp(&stat)))
    }

    /// Notes the layers that stay, and forgets all others. What is not noted is only packed again.
    pub(super) fn keep(&self, stay: &[Layer]) {
        let mut known = self.known();
        known.layers.retain(|_, layer| stay.contains(layer));
        known.files.retain(|digest, _| stay.iter().any(|layer| layer.digest == *digest));
        if let Ok(text) = serde_json::to_vec(&*known) {
            let _unwritten = fs::write(&self.file, text);
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a layer of these entries is made of; nothing where a file of them cannot be looked at or is just written.
pub(super) fn key(about: &str, packing: Packing, entries: &[Entry]) -> Option<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    let latest = i64::try_from(now).ok()? - FRESH;
    let entries: Option<Vec<Value>> = entries
        .iter()
        .map(|entry| Some(json!([entry.path, entry.owner, state(&entry.content, latest)?])))
        .collect();
    let all = json!([env!("CARGO_PKG_VERSION"), about, packing, entries?]);
    Some(digest(all.to_string().as_bytes()))
}

fn state(content: &Content, latest: i64) -> Option<Value> {
    Some(match content {
        Content::Directory(mode) => json!(["directory", mode]),
        Content::Made(bytes) => json!(["made", digest(bytes)]),
        Content::Link(target) => json!(["link", target.to_str()?]),
        Content::File { source, size, executable } => {
            let stat = fs::metadata(source).ok()?;
            // A clock that went back says nothing of which came first.
            if stat.mtime() >= latest || stat.ctime() >= latest || stat.size() != *size {
                return None;
            }
            json!(["file", executable, stamp(&stat)])
        }
    })
}
