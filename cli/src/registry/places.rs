//! Where in a registry a blob lies already: what former pushes of this machine put there.
//!
//! A registry can take a blob over from another of its repositories (a mount), if it is told from which. What is noted
//! here may be out of date: the registry then takes the blob as one that it never had.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::cache;

/// Blobs that are remembered of one registry.
const MOST: usize = 4096;

/// What is known of one registry's repositories.
#[derive(Debug, Default)]
pub(super) struct Places {
    file: Option<PathBuf>,
    /// Digest and repository, the latest first.
    known: Vec<(String, String)>,
}

impl Places {
    /// What is known of the registry at `host`; nothing where there is no cache.
    pub(super) fn of(host: &str) -> Self {
        let Ok(room) = cache::room("registries") else { return Self::default() };
        let name: String = Sha256::digest(host).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let file = room.join(format!("{name}.json"));
        Self { known: read(&file), file: Some(file) }
    }

    /// A repository other than `repository` that the blob was put into.
    pub(super) fn elsewhere(&self, digest: &str, repository: &str) -> Option<&str> {
        let found = self.known.iter().find(|(known, place)| known == digest && place != repository);
        found.map(|(_, place)| place.as_str())
    }

    /// Notes that `repository` has these blobs. What is not noted is only sent again.
    pub(super) fn note<'a>(&self, repository: &str, digests: impl Iterator<Item = &'a str>) {
        let Some(file) = &self.file else { return };
        // Others may have noted something since.
        let before = read(file);
        let mut known: Vec<(String, String)> =
            digests.map(|digest| (digest.to_owned(), repository.to_owned())).collect();
        for (digest, place) in &before {
            if known.len() < MOST && !known.iter().any(|(other, at)| other == digest && at == place) {
                known.push((digest.clone(), place.clone()));
            }
        }
        if known == before {
            return;
        }
        let write = || -> Option<()> {
            let mut fresh = tempfile::NamedTempFile::new_in(file.parent()?).ok()?;
            fresh.write_all(&serde_json::to_vec(&known).ok()?).ok()?;
            fresh.persist(file).ok().map(drop)
        };
        let _unwritten = write();
    }
}

fn read(file: &Path) -> Vec<(String, String)> {
    fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn what_was_noted_is_known_from_other_repositories_only() {
        let room = tempfile::tempdir().unwrap();
        let file = Some(room.path().join("r.json"));
        Places { file: file.clone(), known: Vec::new() }.note("me/one", ["sha256:a", "sha256:b"].into_iter());
        let read = || read(&room.path().join("r.json"));
        let places = Places { file: file.clone(), known: read() };
        assert_eq!(places.elsewhere("sha256:a", "me/two"), Some("me/one"));
        assert_eq!(places.elsewhere("sha256:a", "me/one"), None);
        assert_eq!(places.elsewhere("sha256:c", "me/two"), None);
        places.note("me/two", std::iter::once("sha256:a"));
        let places = Places { file, known: read() };
        assert_eq!(places.elsewhere("sha256:a", "me/one"), Some("me/two"));
        assert_eq!(places.known.len(), 3);
    }
}
