//! An image as an engine gives it out: the archive of `docker save`, in the form of 20.10 or of 25 and later.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::Value;
use tar::{Archive, EntryType};

use super::{Error, Result};

/// What gzip begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// An image taken out of an engine, in a directory.
#[derive(Debug)]
pub struct Saved {
    /// Its configuration.
    pub document: Value,
    directory: PathBuf,
    layers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Manifest {
    config: String,
    layers: Vec<String>,
}

impl Saved {
    /// Unpacks an archive that holds one image into `directory`.
    ///
    /// # Errors
    /// An archive that ends too soon or holds no image, a disk that is full.
    pub fn unpack(archive: impl Read, directory: &Path) -> Result<Self> {
        let wrong = |source| Error::Write { path: directory.to_owned(), source };
        let mut archive = Archive::new(archive);
        for entry in archive.entries().map_err(wrong)? {
            let mut entry = entry.map_err(wrong)?;
            // A layer that an image has twice is a link.
            if matches!(entry.header().entry_type(), EntryType::Regular | EntryType::Symlink) {
                entry.unpack_in(directory).map_err(wrong)?;
            }
        }
        let json = |name: &str| {
            let path = directory.join(name);
            let bytes = fs::read(&path).map_err(|source| Error::Write { path, source })?;
            serde_json::from_slice::<Value>(&bytes).map_err(|error| wrong(error.into()))
        };
        let images: Vec<Manifest> =
            serde_json::from_value(json("manifest.json")?).map_err(|error| wrong(error.into()))?;
        let Some(image) = images.into_iter().next() else {
            return Err(wrong(io::Error::other("the archive holds no image")));
        };
        Ok(Self { document: json(&image.config)?, directory: directory.to_owned(), layers: image.layers })
    }

    /// How many layers it has.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// The digests of its layers' tars, lowest first.
    pub fn diff_ids(&self) -> Vec<String> {
        let ids = self.document["rootfs"]["diff_ids"].as_array().into_iter().flatten();
        ids.filter_map(|id| id.as_str().map(ToOwned::to_owned)).collect()
    }

    /// A layer's tar, counted from the lowest.
    ///
    /// # Errors
    /// A layer that is not there.
    pub fn layer(&self, number: usize) -> Result<Box<dyn Read>> {
        let path = self.directory.join(&self.layers[number]);
        let open = || {
            let mut file = BufReader::with_capacity(1 << 18, File::open(&path)?);
            let packed = io::BufRead::fill_buf(&mut file)?.starts_with(&GZIP);
            let tar: Box<dyn Read> = if packed { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
            Ok(tar)
        };
        open().map_err(|source| Error::Write { path: path.clone(), source })
    }

    /// How many of its layers are below what the last `instructions` of its history added.
    pub fn base(&self, instructions: usize) -> usize {
        let history = self.document["history"].as_array().map_or(&[][..], Vec::as_slice);
        let below = &history[..history.len().saturating_sub(instructions)];
        let layers = below.iter().filter(|entry| entry["empty_layer"] != Value::Bool(true)).count();
        layers.min(self.layers.len())
    }
}
