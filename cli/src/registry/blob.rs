//! The bytes of one blob: a file, or several pieces in a row, of which any stretch can be read.

use std::fs;
use std::io::SeekFrom;
use std::ops::Range;
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, try_unfold};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::{Error, Result};
use crate::digest::{Hasher, hex};

/// Bytes read at once.
const READ: usize = 256 << 10;

/// Something that a registry keeps by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// `sha256:…` of its bytes.
    pub digest: String,
    /// Its size, in bytes.
    pub size: u64,
    /// Where its bytes are, in order.
    pub parts: Vec<Part>,
    /// Its media type, for registries that want to be told.
    pub media_type: Option<String>,
}

/// A part of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These bytes.
    Bytes(Bytes),
    /// All of a file.
    File {
        /// Where it is.
        path: PathBuf,
        /// Its size, in bytes.
        size: u64,
    },
}

impl Part {
    /// Its size, in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { size, .. } => *size,
        }
    }
}

impl Blob {
    /// All of one file.
    pub fn file(digest: String, size: u64, path: PathBuf) -> Self {
        Self { digest, size, parts: vec![Part::File { path, size }], media_type: None }
    }

    /// Whether every file of it is there, as long as it should be.
    ///
    /// # Errors
    /// Says which is not.
    pub(super) async fn whole(&self) -> Result<()> {
        for part in &self.parts {
            let Part::File { path, size } = part else { continue };
            match tokio::fs::metadata(path).await {
                Ok(metadata) if metadata.len() == *size => {}
                Ok(_) => {
                    let source = std::io::Error::other("it changed while it was sent");
                    return Err(Error::Read { path: path.clone(), source });
                }
                Err(source) => return Err(Error::Read { path: path.clone(), source }),
            }
        }
        Ok(())
    }

    /// Whether the bytes of every file of it are those that its name, a digest, promises.
    ///
    /// # Errors
    /// Says which are not.
    pub(super) async fn sound(&self) -> Result<()> {
        let files = self.parts.iter().filter_map(|part| match part {
            Part::File { path, .. } => Some(path.clone()),
            Part::Bytes(_) => None,
        });
        let files: Vec<PathBuf> = files.collect();
        let check = move || {
            for path in files {
                let read = || {
                    let mut hasher = Hasher::new();
                    hasher.read(fs::File::open(&path)?)?;
                    Ok(hasher.finish())
                };
                let digest = read().map_err(|source| Error::Read { path: path.clone(), source })?;
                let name = path.file_name().unwrap_or_default();
                if name.len() == hex(&digest).len() && name != hex(&digest) {
                    return Err(Error::Spoilt { path });
                }
            }
            Ok(())
        };
        tokio::task::spawn_blocking(check).await.unwrap_or(Ok(()))
    }

    /// The bytes of `range`, as they are read; at no time more than a few hundred kilobytes are held.
    pub(super) fn read(&self, range: Range<u64>) -> BoxStream<'static, std::io::Result<Bytes>> {
        let mut begins = 0;
        let mut streams = Vec::new();
        for part in &self.parts {
            let ends = begins + part.size();
            let wanted = range.start.max(begins)..range.end.min(ends);
            if wanted.start < wanted.end {
                streams.push(stretch(part.clone(), wanted.start - begins..wanted.end - begins));
            }
            begins = ends;
        }
        futures_util::stream::iter(streams).flatten().boxed()
    }
}

fn stretch(part: Part, range: Range<u64>) -> BoxStream<'static, std::io::Result<Bytes>> {
    let path = match part {
        Part::Bytes(bytes) => {
            let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            let bytes = bytes.slice(place(range.start)..place(range.end));
            return futures_util::stream::iter([Ok(bytes)]).boxed();
        }
        Part::File { path, .. } => path,
    };
    let state: (Option<File>, u64) = (None, range.start);
    try_unfold(state, move |(file, at)| {
        let path = path.clone();
        async move {
            if at >= range.end {
                return Ok(None);
            }
            let mut file = match file {
                Some(file) => file,
                None => {
                    let mut file = File::open(&path).await?;
                    file.seek(SeekFrom::Start(at)).await?;
                    file
                }
            };
            let length = usize::try_from(range.end - at).unwrap_or(READ).min(READ);
            let mut bytes = vec![0; length];
            file.read_exact(&mut bytes).await?;
            Ok(Some((Bytes::from(bytes), (Some(file), at + length as u64))))
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use futures_util::TryStreamExt;

    use super::*;

    #[tokio::test]
    async fn any_stretch_of_a_blob_can_be_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"cdefg").unwrap();
        let parts = vec![
            Part::Bytes(Bytes::from_static(b"ab")),
            Part::File { path: file.path().to_owned(), size: 5 },
            Part::Bytes(Bytes::from_static(b"hij")),
        ];
        let blob = Blob { digest: String::new(), size: 10, parts, media_type: None };
        let whole = b"abcdefghij";
        for start in 0..=10 {
            for end in start..=10 {
                let read: Vec<Bytes> = blob.read(start..end).try_collect().await.unwrap();
                assert_eq!(read.concat(), whole[start as usize..end as usize], "{start}..{end}");
            }
        }
        blob.whole().await.unwrap();
        std::fs::write(file.path(), b"cdef").unwrap();
        assert!(blob.whole().await.unwrap_err().to_string().contains("changed"));
    }

    #[tokio::test]
    async fn a_file_that_is_not_what_its_name_promises_is_found() {
        let place = tempfile::tempdir().unwrap();
        let digest = crate::digest::digest(b"weights");
        let path = place.path().join(hex(&digest));
        let blob = Blob::file(digest, 7, path.clone());
        fs::write(&path, b"weights").unwrap();
        blob.sound().await.unwrap();
        fs::write(&path, b"weighty").unwrap();
        assert!(matches!(blob.sound().await, Err(Error::Spoilt { path: found }) if found == path));
    }
}
