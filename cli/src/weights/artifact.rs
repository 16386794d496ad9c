//! A weight as a registry keeps it: a configuration, layers, a manifest.
//!
//! Owns the order and form of every byte, for another tool's digests are to come out the same.

use serde::Serialize;

use super::lock::{Entry, Layer};
use crate::digest::digest;
use crate::oci::{Member, Platform};

/// What the manifest of a weight is.
pub(super) const ARTIFACT: &str = "application/vnd.cog.weight.v1";
/// Media type of its configuration.
pub(super) const CONFIG: &str = "application/vnd.cog.weight.config.v1+json";
/// Media type of its manifest.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Both documents of a weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Artifact {
    /// The configuration's bytes.
    pub(super) config: Vec<u8>,
    /// The manifest's bytes.
    pub(super) manifest: Vec<u8>,
}

impl Artifact {
    /// The documents of a weight with these files and layers, both sorted.
    pub(super) fn of(weight: &Entry) -> Self {
        let files = weight.files.iter();
        let config = compact(&Config {
            name: &weight.name,
            target: &weight.target,
            set_digest: &weight.set_digest,
            files: files
                .map(|file| Listed {
                    path: &file.path,
                    layer: &file.layer,
                    size: file.size,
                    digest: &file.digest,
                })
                .collect(),
        });
        let manifest = compact(&Manifest {
            schema_version: 2,
            media_type: MANIFEST,
            artifact_type: ARTIFACT,
            config: Descriptor {
                media_type: CONFIG,
                size: config.len() as u64,
                digest: &digest(&config),
                annotations: None,
            },
            layers: weight.layers.iter().map(layer).collect(),
            annotations: Annotations {
                name: &weight.name,
                set_digest: &weight.set_digest,
                target: &weight.target,
            },
        });
        Self { config, manifest }
    }

    /// `sha256:…` of the manifest.
    pub(super) fn digest(&self) -> String {
        digest(&self.manifest)
    }
}

/// The annotation that names a weight.
const NAME: &str = "run.cog.weight.name";
/// The annotation that has the digest of all its files together.
const SET_DIGEST: &str = "run.cog.weight.set-digest";
/// The annotation that has the bytes of its files.
const SIZE: &str = "run.cog.weight.size.uncompressed";

impl Entry {
    /// How an index names it beside an image.
    pub fn member(&self) -> Member {
        let unknown = || "unknown".to_owned();
        let annotations =
            [(NAME, self.name.clone()), (SET_DIGEST, self.set_digest.clone()), (SIZE, self.size.to_string())];
        Member {
            media_type: MANIFEST.to_owned(),
            size: Artifact::of(self).manifest.len() as u64,
            digest: self.digest.clone(),
            annotations: annotations.into(),
            // Nothing that runs is to take it for something that does.
            platform: Platform { architecture: unknown(), os: unknown() },
            artifact_type: Some(ARTIFACT),
        }
    }
}

fn layer(layer: &Layer) -> Descriptor<'_> {
    Descriptor {
        media_type: &layer.media_type,
        size: layer.size,
        digest: &layer.digest,
        annotations: Some(Size { size: layer.size_uncompressed.to_string() }),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    name: &'a str,
    target: &'a str,
    set_digest: &'a str,
    files: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    path: &'a str,
    layer: &'a str,
    size: u64,
    digest: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    schema_version: u32,
    media_type: &'a str,
    artifact_type: &'a str,
    config: Descriptor<'a>,
    layers: Vec<Descriptor<'a>>,
    annotations: Annotations<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    media_type: &'a str,
    size: u64,
    digest: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Size>,
}

#[derive(Serialize)]
struct Size {
    #[serde(rename = "run.cog.weight.size.uncompressed")]
    size: String,
}

#[derive(Serialize)]
struct Annotations<'a> {
    #[serde(rename = "run.cog.weight.name")]
    name: &'a str,
    #[serde(rename = "run.cog.weight.set-digest")]
    set_digest: &'a str,
    #[serde(rename = "run.cog.weight.target")]
    target: &'a str,
}

/// JSON without blanks, in which what could be taken for HTML is escaped, as other tools write it.
pub(super) fn compact(value: &impl Serialize) -> Vec<u8> {
    escaped(&serde_json::to_string(value).unwrap_or_default()).into_bytes()
}

/// These characters stand nowhere but in strings.
pub(super) fn escaped(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
