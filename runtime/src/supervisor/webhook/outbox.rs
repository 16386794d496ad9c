//! Last words on disk, until they are delivered: they outlive a crash of this server, and its container where the
//! folder is a volume.
//!
//! Every server has a folder of its own in the outbox, which it locks; a folder without its lock belongs to nobody
//! any more, and whoever finds it takes over what is in it. Several servers can share one volume.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Target;
use super::courier::Message;
use crate::journal;

const LOCK: &str = "lock";

pub(super) struct Outbox {
    root: PathBuf,
    own: PathBuf,
    /// Held for as long as this server lives.
    _lock: File,
    next: AtomicU64,
}

/// A message in the outbox; dropping it takes it out.
pub(super) struct Entry {
    path: PathBuf,
}

/// How a message lies in its file.
#[derive(Serialize, Deserialize)]
struct Kept {
    target: Target,
    message: Message,
}

impl Outbox {
    /// Opens the outbox, making its folder where it is missing.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        let name = super::fresh_name();
        // Locked before others can see it.
        let hidden = root.join(format!(".{name}"));
        fs::create_dir(&hidden)?;
        let lock = File::create(hidden.join(LOCK))?;
        lock.lock()?;
        let own = root.join(name);
        fs::rename(&hidden, &own)?;
        Ok(Self { root: root.to_owned(), own, _lock: lock, next: AtomicU64::new(0) })
    }

    /// Takes over everything that servers which are no more have left.
    pub(super) fn left_behind(&self) -> Vec<(Target, Message, Entry)> {
        let mut left = Vec::new();
        for folder in files(&self.root).filter(|folder| *folder != self.own) {
            let Ok(lock) = File::open(folder.join(LOCK)) else { continue };
            if lock.try_lock().is_err() {
                continue;
            }
            for file in files(&folder).filter(|file| file.extension().is_some_and(|end| end == "json")) {
                match self.take_over(&file) {
                    Ok(message) => left.push(message),
                    Err(error) => journal::error(&format!("`{}` cannot be read: {error}", file.display())),
                }
            }
            // What could not be read stays where it is, for a person to look at.
            let _remains = fs::remove_file(folder.join(LOCK)).and_then(|()| fs::remove_dir(&folder));
        }
        left
    }

    pub(super) fn keep(&self, target: &Target, message: &Message) -> io::Result<Entry> {
        let entry = Entry { path: self.place() };
        entry.replace(target, message)?;
        Ok(entry)
    }

    fn take_over(&self, file: &Path) -> io::Result<(Target, Message, Entry)> {
        let Kept { target, message } = serde_json::from_slice(&fs::read(file)?)?;
        let path = self.place();
        fs::rename(file, &path)?;
        Ok((target, message, Entry { path }))
    }

    fn place(&self) -> PathBuf {
        self.own.join(format!("{}.json", self.next.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        // Without its lock file, nobody would look at what is still in it.
        if files(&self.own).all(|file| file.ends_with(LOCK)) {
            let _in_use = fs::remove_file(self.own.join(LOCK)).and_then(|()| fs::remove_dir(&self.own));
        }
    }
}

impl Entry {
    /// The one that [stayed](Self::stay) at `path`.
    pub(super) fn at(path: PathBuf) -> io::Result<(Target, Message, Self)> {
        let Kept { target, message } = serde_json::from_slice(&fs::read(&path)?)?;
        Ok((target, message, Self { path }))
    }

    /// Leaves it in the outbox; where it lies.
    pub(super) fn stay(mut self) -> PathBuf {
        // Without a path there is nothing to take out.
        std::mem::take(&mut self.path)
    }

    /// How long ago its message was written.
    pub(super) fn age(&self) -> Duration {
        let written = fs::metadata(&self.path).and_then(|file| file.modified()).ok();
        written.and_then(|written| written.elapsed().ok()).unwrap_or_default()
    }

    /// Writes the message so that, whenever the machine stops, the file holds the one before or this one.
    pub(super) fn replace(&self, target: &Target, message: &Message) -> io::Result<()> {
        let unfinished = self.path.with_extension("unfinished");
        let attempt = || {
            let mut file = File::create(&unfinished)?;
            let kept = Kept { target: target.clone(), message: message.clone() };
            file.write_all(&serde_json::to_vec(&kept)?)?;
            file.sync_data()?;
            fs::rename(&unfinished, &self.path)
        };
        attempt().inspect_err(|_| {
            let _never_made = fs::remove_file(&unfinished);
        })
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            journal::warn(&format!("`{}` could not be removed: {error}", self.path.display()));
        }
    }
}

/// What is in a folder, but for what is hidden.
fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let found = fs::read_dir(folder).into_iter().flatten().flatten();
    found.filter(|file| !file.file_name().as_encoded_bytes().starts_with(b".")).map(|file| file.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    fn message(body: &str) -> Message {
        Message { id: "m".to_owned(), sequence: 3, body: body.to_owned(), terminal: true }
    }

    fn target() -> Target {
        let trace = vec![("traceparent".to_owned(), "00-1".to_owned())];
        Target { url: "http://h/x".to_owned(), trace, prediction: "p".to_owned() }
    }

    /// What is left to be delivered, as bodies.
    fn left(outbox: &Outbox) -> Vec<(String, Entry)> {
        outbox.left_behind().into_iter().map(|(_, message, entry)| (message.body, entry)).collect()
    }

    #[test]
    fn what_a_dead_server_left_is_found_once_and_as_it_was() -> Tested {
        let root = tempfile::tempdir()?;
        let dead = Outbox::open(root.path())?;
        let entry = dead.keep(&target(), &message("not finished"))?;
        entry.replace(&target(), &message("finished"))?;
        // It dies: nothing is dropped, but for the lock.
        std::mem::forget(entry);
        drop(dead);
        let next = Outbox::open(root.path())?;
        let found = next.left_behind();
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0].0, &found[0].1), (&target(), &message("finished")));
        assert!(next.left_behind().is_empty());
        drop(found);
        drop(next);
        assert_eq!(fs::read_dir(root.path())?.count(), 0, "nothing stays behind");
        Ok(())
    }

    #[test]
    fn a_living_servers_messages_are_its_own() -> Tested {
        let root = tempfile::tempdir()?;
        let living = Outbox::open(root.path())?;
        let entry = living.keep(&target(), &message("mine"))?;
        let other = Outbox::open(root.path())?;
        assert!(left(&other).is_empty());
        drop(entry);
        drop(living);
        assert!(left(&other).is_empty());
        Ok(())
    }

    #[test]
    fn a_damaged_file_is_left_alone_and_hides_no_other() -> Tested {
        let root = tempfile::tempdir()?;
        let dead = Outbox::open(root.path())?;
        std::mem::forget(dead.keep(&target(), &message("whole"))?);
        fs::write(dead.own.join("damaged.json"), "{")?;
        drop(dead);
        let next = Outbox::open(root.path())?;
        let found = left(&next);
        assert_eq!(found.iter().map(|(body, _)| body.as_str()).collect::<Vec<_>>(), ["whole"]);
        Ok(())
    }
}
