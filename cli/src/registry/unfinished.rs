//! Uploads that outlive this program: where one goes on that was killed, or that ran into trouble for too long.
//!
//! A place may hold a signature that lets its bearer write there, so a note of it is for its owner's eyes alone.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Url;
use sha2::{Digest, Sha256};

use crate::cache;

/// Blobs smaller than this are sent anew.
const SMALL: u64 = 1 << 20;
/// Registries forget uploads sooner than that.
const STALE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The note of one upload, which no other process reads as long as this is held.
#[derive(Debug)]
pub(super) struct Unfinished {
    path: PathBuf,
    file: File,
}

impl Unfinished {
    /// The note of an upload to `target`, which names registry, repository and digest; none for a small blob, one that
    /// another process is sending right now, or where there is no cache.
    pub(super) fn of(target: &str, size: u64) -> Option<Self> {
        if size < SMALL {
            return None;
        }
        Self::within(&cache::room("uploads").ok()?, target)
    }

    fn within(room: &Path, target: &str) -> Option<Self> {
        sweep(room);
        let name: String = Sha256::digest(target).iter().map(|byte| format!("{byte:02x}")).collect();
        let path = room.join(name);
        let mut options = OpenOptions::new();
        let file =
            options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).ok()?;
        file.try_lock().ok()?;
        Some(Self { path, file })
    }

    /// Where the upload goes on, and in pieces of how many bytes.
    pub(super) fn read(&mut self) -> Option<(Url, u64)> {
        let mut text = String::new();
        self.file.seek(SeekFrom::Start(0)).ok()?;
        self.file.read_to_string(&mut text).ok()?;
        let (place, piece) = text.trim().split_once('\n')?;
        Some((Url::parse(place).ok()?, piece.parse().ok()?))
    }

    /// Notes where it goes on, and in pieces of how many bytes. What is not noted is only sent again.
    pub(super) fn note(&mut self, place: &Url, piece: u64) {
        let text = format!("{place}\n{piece}\n");
        let _unwritten = self
            .file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(text.as_bytes()))
            .and_then(|()| self.file.set_len(text.len() as u64));
    }

    /// There is nothing to go on with.
    pub(super) fn forget(&mut self) {
        let _stays = self.file.set_len(0);
    }

    /// The upload has come to its end.
    pub(super) fn done(self) {
        let _stays = fs::remove_file(&self.path);
    }
}

/// Removes the notes of uploads that no registry remembers.
fn sweep(room: &Path) {
    for entry in fs::read_dir(room).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|file| file.modified()).ok().and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age > STALE) {
            let _stays = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_note_is_found_again_by_one_at_a_time_and_by_its_owner_only() {
        let room = tempfile::tempdir().unwrap();
        let of = |target: &str| Unfinished::within(room.path(), target);
        let place = Url::parse("https://r.example.com/v2/a/blobs/uploads/1?_state=long").unwrap();
        let mut first = of("r/a@1").unwrap();
        assert_eq!(first.read(), None);
        first.note(&place, 7 << 20);
        first.note(&Url::parse("https://r.example.com/short").unwrap(), 1);
        first.note(&place, 7 << 20);
        assert!(of("r/a@1").is_none(), "it is taken");
        let mode = fs::metadata(&first.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(first);
        let mut again = of("r/a@1").unwrap();
        assert_eq!(again.read(), Some((place, 7 << 20)));
        assert_eq!(of("r/a@2").unwrap().read(), None);
        again.done();
        assert_eq!(of("r/a@1").unwrap().read(), None);
    }
}
