//! What the cache keeps of a project's last image, for the next one: its layers, and what an engine was given.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::engine::{Event, Progress};
use crate::oci::Image;
use crate::{cache, digest, lock};

/// The link that says whose place it is.
const PROJECT: &str = "project";
/// What a place's user locks.
const LOCK: &str = "lock";
/// The manifest of the image that an engine was given last.
const LOADED: &str = "loaded.json";
/// What the names of places begin with that are being removed.
const REMOVED: &str = ".removed-";
/// How long after its last build the place of a project that is gone waits for it: it may only be somewhere else.
const UNUSED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A project's place in the cache, its user's own for as long as this lives.
#[derive(Debug)]
pub(super) struct Kept {
    place: PathBuf,
    _lock: File,
}

impl Kept {
    /// The place of the project in `project`. Those of projects that have been gone for a while make room.
    pub(super) async fn of(project: &Path, progress: &mut dyn Progress) -> Result<Self, cache::Error> {
        let room = cache::room("images")?;
        let name = digest::name_for(project.as_os_str().as_encoded_bytes());
        let kept = Self::take(room.join(&name), project, progress).await;
        let kept = kept.map_err(|source| cache::Error::Write { path: room.join(&name), source })?;
        // Gigabytes may go, for which nobody waits: if this process ends first, the next goes on.
        std::thread::spawn(move || sweep(&room, UNUSED));
        Ok(kept)
    }

    async fn take(place: PathBuf, project: &Path, progress: &mut dyn Progress) -> io::Result<Self> {
        let lock = loop {
            // A project may be for its owner's eyes alone.
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&place)?;
            let path = place.join(LOCK);
            let mut waiting = || {
                let text =
                    "Waiting for the build of a project that has the same path on another machine to end";
                progress.event(Event::Note(text.to_owned()));
            };
            let lock = match lock::exclusive(&path, &mut waiting).await {
                // Removed meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                lock => lock?,
            };
            if lock::is_at(&lock, &path) {
                break lock;
            }
        };
        lock.set_modified(SystemTime::now())?;
        let link = place.join(PROJECT);
        if fs::read_link(&link).is_err() {
            symlink(project, &link)?;
        }
        Ok(Self { place, _lock: lock })
    }

    /// Where the layers are.
    pub(super) fn layout(&self) -> PathBuf {
        self.place.join("layout")
    }

    /// Notes that an engine was given `image`.
    pub(super) fn note_loaded(&self, image: &Image) {
        // What is not noted is given once more.
        let _unwritten = fs::write(self.place.join(LOADED), &image.manifest);
    }

    /// How many of the lowest layers of `image` an engine has that calls the image that it was given last by the digest of
    /// its manifest, `id`. None if that is another image.
    pub(super) fn known(&self, id: &str, image: &Image) -> usize {
        let loaded = fs::read(self.place.join(LOADED)).ok();
        let Some(manifest) = loaded.filter(|manifest| digest::digest(manifest) == id) else { return 0 };
        let manifest: Value = serde_json::from_slice(&manifest).unwrap_or_default();
        let layers = manifest["layers"].as_array().into_iter().flatten();
        let pairs = layers.zip(&image.layers);
        pairs.take_while(|(loaded, layer)| loaded["digest"] == *layer.digest).count()
    }
}

/// Removes the places of projects that are gone, unless somebody is there or was there less than `unused` ago. What cannot
/// be removed only takes room.
fn sweep(room: &Path, unused: Duration) {
    for entry in fs::read_dir(room).into_iter().flatten().flatten() {
        let place = entry.path();
        if entry.file_name().to_string_lossy().starts_with(REMOVED) {
            let _stays = fs::remove_dir_all(&place);
            continue;
        }
        // One whose project cannot be looked for just now stays.
        let gone = matches!(place.join(PROJECT).try_exists(), Ok(false));
        if !gone || !place.is_dir() {
            continue;
        }
        let Ok(lock) = File::options().create(true).truncate(false).write(true).open(place.join(LOCK)) else {
            continue;
        };
        let since = lock.metadata().and_then(|lock| lock.modified()).unwrap_or_else(|_| SystemTime::now());
        if since.elapsed().unwrap_or_default() < unused || lock.try_lock().is_err() {
            continue;
        }
        // At once, so that nobody finds half of it. Whoever waits for the lock sees that it is no longer there.
        let removed = tempfile::Builder::new().prefix(REMOVED).tempdir_in(room);
        let _stays = removed.and_then(|removed| fs::rename(&place, removed.path().join(PROJECT)));
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;
    use crate::context::archive::{Content, Entry};
    use crate::engine::Quiet;
    use crate::oci::{Config, Layout, Packing};

    async fn take(place: PathBuf, project: &Path) -> Kept {
        Kept::take(place, project, &mut Quiet).await.unwrap()
    }

    #[tokio::test]
    async fn the_place_of_a_project_goes_when_it_has_gone_and_nobody_is_there() {
        let room = tempfile::tempdir().unwrap();
        let nowhere = room.path().join("nowhere");
        for (name, project) in [("here", room.path()), ("gone", nowhere.as_path())] {
            let kept = take(room.path().join(name), project).await;
            fs::create_dir(kept.layout()).unwrap();
        }
        let used = take(room.path().join("used"), &nowhere).await;
        fs::create_dir_all(room.path().join(".removed-by-one-that-was-killed/project/layout")).unwrap();
        let names = || {
            let mut names: Vec<_> =
                fs::read_dir(room.path()).unwrap().map(|place| place.unwrap().file_name()).collect();
            names.sort();
            names
        };
        sweep(room.path(), UNUSED);
        assert_eq!(names(), ["gone", "here", "used"], "they were there just now");
        sweep(room.path(), Duration::ZERO);
        assert_eq!(names(), ["here", "used"]);
        drop(used);
        sweep(room.path(), Duration::ZERO);
        assert_eq!(names(), ["here"]);
    }

    #[tokio::test]
    async fn whoever_waits_for_a_place_that_goes_has_a_new_one() {
        let room = tempfile::tempdir().unwrap();
        let place = room.path().join("place");
        let first = take(place.clone(), room.path()).await;
        let second = take(place.clone(), room.path());
        tokio::pin!(second);
        assert!(tokio::time::timeout(Duration::from_millis(300), &mut second).await.is_err());
        fs::rename(&place, room.path().join("removed")).unwrap();
        drop(first);
        second.await;
        assert!(place.join(LOCK).is_file() && place.join(PROJECT).is_dir());
    }

    #[tokio::test]
    async fn what_an_engine_was_given_is_known_by_the_digest_of_its_manifest() {
        let room = tempfile::tempdir().unwrap();
        let kept = take(room.path().join("place"), room.path()).await;
        let layout = Layout::kept(&kept.layout()).unwrap();
        let image = |contents: [&str; 2]| {
            let layers = contents.map(|content| {
                let entry = Entry::new("file", Content::Made(content.into()));
                layout.layer(content, Packing::Plain, vec![entry]).unwrap()
            });
            Image::new(&Config::default(), layers.to_vec())
        };
        let (before, after) = (image(["weights", "code"]), image(["weights", "edited"]));
        assert_eq!(kept.known(&before.digest(), &before), 0, "nothing was given");
        kept.note_loaded(&before);
        assert_eq!(kept.known(&before.digest(), &after), 1);
        assert_eq!(kept.known(&after.digest(), &after), 0, "of another image nothing is known");
    }
}
