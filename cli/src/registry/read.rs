//! Reading from a registry: manifests and small blobs, each held to its digest.

use crate::digest::digest;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;

use super::patience::patiently;
use super::{Error, Registry, Result};

/// The manifests that are asked for: images and indexes, by the OCI's names and by Docker's.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
                      application/vnd.docker.distribution.manifest.v2+json, \
                      application/vnd.docker.distribution.manifest.list.v2+json";

/// Bytes that a manifest may have, by the specification.
const LONGEST_MANIFEST: u64 = 4 << 20;

/// A manifest as a registry gave it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What the registry says it is.
    pub media_type: String,
    /// `sha256:…` of its bytes.
    pub digest: String,
}

impl Registry {
    /// The manifest that a tag or a digest stands for; `None` where there is no such thing.
    ///
    /// # Errors
    /// A registry that refuses, that goes on failing, or that gives out something else.
    pub async fn manifest(&self, tag_or_digest: &str) -> Result<Option<Manifest>> {
        patiently(|| self.get_manifest(tag_or_digest)).await
    }

    async fn get_manifest(&self, tag_or_digest: &str) -> Result<Option<Manifest>> {
        let url = self.url(&format!("manifests/{tag_or_digest}"));
        let make = |http: &reqwest::Client, url| http.get(url).header("accept", ACCEPT);
        let reply = self.send(url, make, None).await?;
        if reply.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let media_type = reply.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = media_type.unwrap_or_default().to_owned();
        let bytes = self.body(reply, "a request for the image", LONGEST_MANIFEST).await?;
        let digest = digest(&bytes);
        if tag_or_digest.starts_with("sha256:") && digest != tag_or_digest {
            return Err(self.spoiled(tag_or_digest));
        }
        Ok(Some(Manifest { bytes, media_type, digest }))
    }

    /// The bytes of a blob of at most `most` bytes.
    ///
    /// # Errors
    /// As for [`Registry::manifest`], and a blob that is not there or larger.
    pub async fn blob(&self, wanted: &str, most: u64) -> Result<Vec<u8>> {
        patiently(|| self.get_blob(wanted, most)).await
    }

    async fn get_blob(&self, wanted: &str, most: u64) -> Result<Vec<u8>> {
        let url = self.url(&format!("blobs/{wanted}"));
        let reply = self.send(url, |http: &reqwest::Client, url| http.get(url), None).await?;
        let bytes = self.body(reply, "a request for a part of the image", most).await?;
        if digest(&bytes) == wanted { Ok(bytes) } else { Err(self.spoiled(wanted)) }
    }

    async fn body(&self, mut reply: reqwest::Response, action: &str, most: u64) -> Result<Vec<u8>> {
        if !reply.status().is_success() {
            return Err(self.refusal(reply, action).await.of_reading());
        }
        let mut bytes = Vec::new();
        while let Some(piece) = self.within(reply.chunk()).await? {
            bytes.extend_from_slice(&piece);
            if bytes.len() as u64 > most {
                return Err(Error::Nonsense {
                    registry: self.host().to_owned(),
                    reason: format!("its answer to {action} is longer than {most} bytes"),
                });
            }
        }
        Ok(bytes)
    }

    fn spoiled(&self, digest: &str) -> Error {
        Error::Spoiled { registry: self.host().to_owned(), digest: digest.to_owned() }
    }
}
