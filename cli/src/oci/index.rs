//! An index: a manifest that names others.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::digest::digest;

/// The media type of an index, by the OCI image specification, 1.1.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A manifest as an index names it. Its fields are written in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// What it is.
    pub media_type: String,
    /// Its bytes.
    pub size: u64,
    /// `sha256:…` of them.
    pub digest: String,
    /// What is said of it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<&'static str, String>,
    /// What it runs on.
    pub platform: Platform,
    /// What it is, where it is no image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<&'static str>,
}

/// What an image runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Platform {
    /// `amd64`, `arm64`, ….
    pub architecture: String,
    /// `linux`.
    pub os: String,
}

/// An index, as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// The document.
    pub bytes: Vec<u8>,
    /// `sha256:…` of it.
    pub digest: String,
}

impl Index {
    /// The index of these manifests: the same for the same, byte by byte.
    pub fn of(members: &[Member]) -> serde_json::Result<Self> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Document<'a> {
            schema_version: u32,
            media_type: &'a str,
            manifests: &'a [Member],
        }
        let document = Document { schema_version: 2, media_type: INDEX, manifests: members };
        let bytes = serde_json::to_vec(&document)?;
        Ok(Self { digest: digest(&bytes), bytes })
    }
}
