//! What tests of weights begin with.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::io::Write;

use super::lock::{Entry, Layer, Packed};
use super::store::Store;
use crate::digest::digest;

/// A file in the store, as a lock file lists it, of no layer.
pub(super) fn put(store: &Store, path: &str, bytes: &[u8]) -> Packed {
    let mut draft = store.draft().unwrap();
    draft.write_all(bytes).unwrap();
    store.adopt(draft, &digest(bytes)).unwrap();
    Packed { path: path.to_owned(), size: bytes.len() as u64, digest: digest(bytes), layer: String::new() }
}

/// A weight of these files, before it is settled.
pub(super) fn entry(files: Vec<Packed>, layers: Vec<Layer>) -> Entry {
    Entry {
        name: "net".to_owned(),
        target: "/src/net".to_owned(),
        sources: Vec::new(),
        imported_at: String::new(),
        digest: String::new(),
        set_digest: String::new(),
        size: 0,
        size_compressed: 0,
        files,
        layers,
    }
}
