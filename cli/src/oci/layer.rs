//! A layer: a tar, compressed or not, known by two digests.

use std::io::Write;

use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};

use super::Result;
use crate::digest::Summed;

/// How the tar of a layer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Packing {
    /// Compressed.
    Gzip,
    /// As it is.
    Plain,
}

/// Files that are dense already, by suffix: nothing is gained by compressing them.
const DENSE: [&str; 7] = ["safetensors", "bin", "gguf", "onnx", "parquet", "pt", "pth"];

impl Packing {
    /// The packing that a file at `path` is worth.
    pub fn of(path: &str) -> Self {
        let dense = path.rsplit_once('.').is_some_and(|(_, suffix)| DENSE.contains(&suffix));
        if dense { Self::Plain } else { Self::Gzip }
    }

    /// The media type of such a layer, by the OCI image specification, 1.1.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
            Self::Plain => "application/vnd.oci.image.layer.v1.tar",
        }
    }
}

/// A written layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// What it holds, for the image's history.
    pub about: String,
    /// Digest of the bytes as they are kept, `sha256:…`.
    pub digest: String,
    /// Digest of the tar, `sha256:…`.
    pub diff_id: String,
    /// Bytes as they are kept.
    pub size: u64,
    /// How they are kept.
    pub packing: Packing,
}

impl Layer {
    /// Writes a layer, whose tar `fill` writes, to `out`.
    pub(super) fn write(
        about: &str,
        packing: Packing,
        fill: impl FnOnce(&mut dyn Write) -> Result<()>,
        out: impl Write,
    ) -> Result<Self> {
        let (mut out, diff_id, digest, size) = match packing {
            Packing::Gzip => {
                // No name and no time in the header: those would be of the moment.
                let packed = GzBuilder::new().mtime(0).write(Summed::new(out), Compression::default());
                let mut plain = Summed::new(packed);
                fill(&mut plain)?;
                let (packed, diff_id, _) = plain.finish();
                let packed = packed.finish().map_err(crate::context::ContextError::Write)?;
                let (out, digest, size) = packed.finish();
                (out, diff_id, digest, size)
            }
            Packing::Plain => {
                let mut plain = Summed::new(out);
                fill(&mut plain)?;
                let (out, diff_id, size) = plain.finish();
                (out, diff_id.clone(), diff_id, size)
            }
        };
        out.flush().map_err(crate::context::ContextError::Write)?;
        Ok(Self { about: about.to_owned(), digest, diff_id, size, packing })
    }
}
