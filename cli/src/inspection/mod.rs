//! What an image is, without running it: signature, layers, labels, from wherever the image lies.
//!
//! Owns the reading of manifests and configurations that somebody else may have written. Refuses to know how it is
//! printed, but for the two views of it ([`Inspected`] serialises, [`view`] is for people).

mod engine;
mod error;
mod store;
mod view;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::build::SCHEMA_LABEL;

pub use engine::of_engine;
pub use error::{Error, Result};
pub use store::{Store, of_store, schema_of};
pub use view::view;

/// What is known of an image.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Inspected {
    /// The name that was asked for.
    pub name: String,
    /// Where it was found: `engine`, `registry` or `directory`.
    pub place: &'static str,
    /// Digest of its configuration.
    pub id: String,
    /// Digest of its manifest, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Digest of the index that names it beside its weights, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// `linux/amd64`, ….
    pub platform: String,
    /// The moment it says it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Bytes of all layers: as they are kept in a registry or a directory, unpacked in an engine.
    pub size: u64,
    /// Its layers, lowest first.
    pub layers: Vec<Layer>,
    /// Its weights, where an index names some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<Weight>,
    /// Its labels, the schema left out.
    pub labels: BTreeMap<String, String>,
    /// Its OpenAPI document.
    pub schema: Option<Value>,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// Digest of its bytes as they are kept, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Its bytes.
    pub size: u64,
    /// What made it, in the image's words.
    pub about: String,
}

/// Weights that an index names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Weight {
    /// Their name.
    pub name: String,
    /// Digest of their manifest.
    pub digest: String,
    /// Bytes of the files, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// What a layer's history says, in a line.
fn about(created_by: &str) -> String {
    let text = created_by.strip_prefix("cog: ").unwrap_or(created_by);
    let text = text.strip_prefix("/bin/sh -c ").unwrap_or(text);
    let text = text.strip_prefix("#(nop) ").unwrap_or(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes the schema out of the labels.
fn split(mut labels: BTreeMap<String, String>) -> (BTreeMap<String, String>, Option<Value>) {
    let schema = labels.remove(SCHEMA_LABEL);
    let schema = schema.and_then(|text| serde_json::from_str(&text).ok());
    (labels, schema)
}
