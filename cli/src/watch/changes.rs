//! Changes to what a model is made of.
//!
//! What Cargo and the engine write, hidden files, editors' own files and what `.dockerignore` leaves out are no part of
//! it: a model may write there as it likes. Nor are the files that this program's own words go to.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::ModifyKind;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;

use super::Error;
use crate::context::ignore::Ignore;
use crate::project::Project;

/// An editor's saving is over when nothing has happened for this long.
const CALM: Duration = Duration::from_millis(30);
/// But what goes on for this long is no saving.
const RESTLESS: Duration = Duration::from_secs(1);

/// The files of a project, watched.
#[derive(Debug)]
pub struct Changes {
    watcher: RecommendedWatcher,
    happened: UnboundedReceiver<PathBuf>,
    places: Places,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// One of the files that changed.
    pub path: PathBuf,
    /// Whether the project may be made of other files now: what says which they are changed.
    pub of_the_project: bool,
}

/// Files that say what a project is made of.
const TELLING: [&str; 4] = ["Cargo.toml", "Cargo.lock", "cog.yaml", ".dockerignore"];

/// What counts.
#[derive(Debug)]
struct Places {
    project: PathBuf,
    packages: BTreeSet<PathBuf>,
    ignore: Ignore,
}

impl Changes {
    /// Watches the project and the local packages that it is compiled from.
    ///
    /// # Errors
    /// A system that tells of no changes.
    pub fn of(project: &Project) -> Result<Self, Error> {
        let (tell, happened) = unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // What cannot be told is nothing that changed.
            let Ok(event) = event else { return };
            if matches!(
                event.kind,
                EventKind::Create(_)
                    | EventKind::Remove(_)
                    | EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Name(_) | ModifyKind::Any)
            ) {
                for path in event.paths {
                    // Nobody waits any more.
                    let _unheard = tell.send(path);
                }
            }
        })?;
        let mut changes = Self { watcher, happened, places: Places::of(project) };
        changes.watch()?;
        Ok(changes)
    }

    /// The project is another now: packages may have come or gone.
    ///
    /// # Errors
    /// As [`Changes::of`].
    pub fn now_of(&mut self, project: &Project) -> Result<(), Error> {
        self.places = Places::of(project);
        self.watch()
    }

    /// Waits until something has changed, and until the changing has come to rest.
    ///
    /// # Errors
    /// As [`Changes::of`].
    pub async fn next(&mut self) -> Result<Change, Error> {
        let path = loop {
            match self.happened.recv().await {
                Some(path) if self.places.count(&path) => break path,
                Some(_) => {}
                // The watcher lives as long as this does.
                None => std::future::pending().await,
            }
        };
        let mut of_the_project = is_telling(&path);
        let latest = Instant::now() + RESTLESS;
        let mut calm = Instant::now() + CALM;
        while let Ok(Some(path)) = tokio::time::timeout_at(calm.min(latest), self.happened.recv()).await {
            if self.places.count(&path) {
                of_the_project |= is_telling(&path);
                calm = Instant::now() + CALM;
            }
        }
        // Among what came may be directories that are not watched yet.
        self.watch()?;
        Ok(Change { path, of_the_project })
    }

    fn watch(&mut self) -> Result<(), Error> {
        for directory in self.places.directories() {
            match self.watcher.watch(&directory, RecursiveMode::NonRecursive) {
                Err(error) if matches!(error.kind, notify::ErrorKind::PathNotFound) => {}
                other => other?,
            }
        }
        Ok(())
    }
}

impl Places {
    fn of(project: &Project) -> Self {
        let mut packages: BTreeSet<PathBuf> =
            project.closure.members.iter().map(|member| member.directory.clone()).collect();
        packages.insert(project.workspace_root.clone());
        packages.insert(project.directory.clone());
        // A project whose ignore file means nothing hears of that when it is built.
        let ignore = Ignore::read(&project.directory.join(".dockerignore")).unwrap_or_default();
        Self { project: project.directory.clone(), packages, ignore }
    }

    /// Every directory below the packages that counts.
    fn directories(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut left: Vec<PathBuf> = self.packages.iter().cloned().collect();
        while let Some(directory) = left.pop() {
            if let Ok(entries) = std::fs::read_dir(&directory) {
                let below = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|ty| ty.is_dir()));
                left.extend(below.map(|entry| entry.path()).filter(|path| self.may_hold(path)));
            }
            found.push(directory);
        }
        found
    }

    /// Whether what counts may lie in that directory.
    fn may_hold(&self, directory: &Path) -> bool {
        let inside = directory.strip_prefix(&self.project);
        let taken_back =
            || inside.is_ok_and(|inside| self.ignore.takes_back_below(&inside.to_string_lossy()));
        self.is_source(directory) && (!self.is_ignored(directory) || taken_back())
    }

    fn count(&self, path: &Path) -> bool {
        self.is_source(path) && !self.is_ignored(path)
    }

    fn is_ignored(&self, path: &Path) -> bool {
        let inside = path.strip_prefix(&self.project).ok();
        let is_package = self.packages.contains(path) || is_telling(path);
        !is_package && inside.is_some_and(|inside| self.ignore.excludes(&inside.to_string_lossy()))
    }

    /// Whether a model may be made of it, as far as its name tells.
    fn is_source(&self, path: &Path) -> bool {
        if self.packages.contains(path) {
            return true;
        }
        let holder = self.packages.iter().filter_map(|package| path.strip_prefix(package).ok());
        // The nearest package, so that one that lies below another keeps its own place.
        let Some(below) = holder.min_by_key(|below| below.components().count()) else { return false };
        let first = below.components().next();
        if first.is_some_and(|first| is_cargos(&first.as_os_str().to_string_lossy())) {
            return false;
        }
        let hidden = |name: &str| {
            name.starts_with('.') || name.ends_with('~') || name.ends_with(".swp") || name == "4913"
        };
        let mut parts = below.components();
        if is_telling(path) {
            parts.next_back();
        }
        !parts.any(|part| hidden(&part.as_os_str().to_string_lossy())) && !is_own_output(path)
    }
}

fn is_telling(path: &Path) -> bool {
    path.file_name().is_some_and(|name| TELLING.iter().any(|telling| name == *telling))
}

/// Whether a directory of a package is Cargo's to write to: its target directory, also while it has the name that it is
/// made under, with six letters and figures at its end.
fn is_cargos(name: &str) -> bool {
    let is_random = |end: &str| {
        end.len() == 6
            && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
            // A word would be somebody's own.
            && !end.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    name.strip_prefix("target").is_some_and(|end| end.is_empty() || is_random(end))
}

/// Whether the standard output or error stream goes to the file at `path`: each word about a change would be one.
fn is_own_output(path: &Path) -> bool {
    let Ok(file) = std::fs::metadata(path) else { return false };
    let streams = [rustix::fs::fstat(std::io::stdout()), rustix::fs::fstat(std::io::stderr())];
    file.is_file()
        && streams.iter().flatten().any(|stream| (stream.st_dev, stream.st_ino) == (file.dev(), file.ino()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_directory_that_is_ignored_may_hold_what_is_taken_back() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join(".dockerignore"), "*\n!src/**\n").unwrap();
        let ignore = Ignore::read(&place.path().join(".dockerignore")).unwrap();
        let places = Places { project: "/p".into(), packages: [PathBuf::from("/p")].into(), ignore };
        assert!(places.may_hold(Path::new("/p/src")) && places.count(Path::new("/p/src/main.rs")));
        assert!(!places.count(Path::new("/p/data/x")) && !places.may_hold(Path::new("/p/.git")));
    }

    #[test]
    fn what_a_model_is_made_of_counts_and_what_is_made_of_it_does_not() {
        let packages = ["/p", "/p/vendor/lib", "/elsewhere/lib"].map(PathBuf::from).into();
        let places = Places { project: "/p".into(), packages, ignore: Ignore::default() };
        for counts in [
            "/p/src/main.rs",
            "/p/cog.yaml",
            "/p/.dockerignore",
            "/p/data/prompt.txt",
            "/p/targets/a",
            "/p/targetlayers/a",
            "/elsewhere/lib/src/lib.rs",
        ] {
            assert!(places.count(Path::new(counts)), "{counts}");
        }
        let none = [
            "/p/target/release/p",
            "/p/targetwd2Rsz",
            "/p/targetwd2Rsz/CACHEDIR.TAG",
            "/p/.git/index",
            "/p/src/.main.rs.swp",
            "/p/src/main.rs~",
            "/p/vendor/lib/target/x",
            "/other/src/main.rs",
        ];
        for none in none {
            assert!(!places.count(Path::new(none)), "{none}");
        }
    }
}
