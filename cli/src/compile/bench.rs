//! Compiling so that the same source gives the same binary, wherever it lies.
//!
//! Paths get into a binary: those of sources in messages, those of packages in the names of symbols. So Cargo is told
//! of one path for all clones of a project, a link in the cache, which stands for the one being built. They share what is
//! compiled, too: dependencies once for all, but not their own packages, for Cargo would take an older file of one clone
//! for what it compiled of another. Other projects begin with copies of the dependencies ([`seed`]).

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Error, Manner, Result, Target, absent, cargo, compiler, seed};
use crate::project::{Member, Project};
use crate::size::Size;
use crate::{cache, digest, lock};

/// Bytes below which a disk is too full to compile on.
const SCARCE: u64 = 64 << 20;
/// How long a bench waits for its project before its place is given away.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// What says which clone was compiled last.
const CLONE: &str = "clone";
/// What a bench's user locks.
const LOCK: &str = "lock";

/// Where the package lies below the sources' root.
fn package(project: &Project) -> &Path {
    project.package_directory.strip_prefix(&project.closure.root).unwrap_or(Path::new(""))
}

/// One project's place in the workshop, for as long as this lives: another clone of it waits.
#[derive(Debug)]
pub struct Bench {
    /// Where all benches are.
    room: PathBuf,
    directory: PathBuf,
    /// The link that stands for the sources.
    source: PathBuf,
    /// What is compiled of them.
    target: PathBuf,
    _lock: File,
}

impl Bench {
    /// The place where the model of `project` is compiled. `waiting` hears of it when another build has it.
    ///
    /// # Errors
    /// There is no cache, or it cannot be written to.
    pub async fn of(project: &Project, manner: Manner, waiting: impl FnOnce()) -> Result<Self> {
        let bench = Self::take(&project.cargo.package, package(project), waiting).await?;
        bench.set_up(&project.closure.root, &project.closure.members, manner.anew)?;
        if !manner.anew && !bench.target.exists() {
            sweep(&bench.room);
            bench.seed(project);
        }
        Ok(bench)
    }

    async fn take(name: &str, package: &Path, waiting: impl FnOnce()) -> Result<Self> {
        let room = cache::room("host")?;
        // Its path is part of what Cargo compares: one by way of a link would have everything compiled again.
        let room = fs::canonicalize(&room).unwrap_or(room);
        let directory =
            room.join(format!("{name}-{}", digest::name_for(package.as_os_str().as_encoded_bytes())));
        let wrong = |source| cache::Error::Write { path: directory.clone(), source };
        fs::create_dir_all(&directory).map_err(wrong)?;
        let lock = lock::exclusive(&directory.join(LOCK), waiting).await.map_err(wrong)?;
        Ok(Self {
            source: directory.join("source"),
            target: directory.join("target"),
            room,
            directory,
            _lock: lock,
        })
    }

    /// Has the bench stand for the clone in `root`, whose own packages are `members`.
    fn set_up(&self, root: &Path, members: &[Member], anew: bool) -> Result<()> {
        let set_up = || {
            if anew {
                absent(fs::remove_dir_all(&self.target))?;
            }
            // Another clone may be where this one was, or have the same path in another container.
            let identity = fs::metadata(root).map(|root| format!("{}:{}", root.dev(), root.ino()))?;
            let note = self.directory.join(CLONE);
            if fs::read_link(&self.source).is_ok_and(|known| known == root)
                && fs::read_to_string(&note).is_ok_and(|known| known == identity)
            {
                return Ok(());
            }
            // In this order: killed in between, this is done again.
            absent(fs::remove_file(&self.source))?;
            self.forget(members)?;
            fs::write(&note, identity)?;
            std::os::unix::fs::symlink(root, &self.source)
        };
        set_up().map_err(|source| self.unwritable(source))
    }

    /// Takes over what others have compiled. What goes wrong costs time only: Cargo tells of a disk that is full, too.
    fn seed(&self, project: &Project) {
        let draft = self.directory.join("draft");
        let outcome = absent(fs::remove_dir_all(&draft))
            .and_then(|()| seed::lay_out(&self.room, &draft, project))
            .and_then(|()| fs::rename(&draft, &self.target));
        if outcome.is_err() {
            let _gone = fs::remove_dir_all(&draft);
        }
    }

    /// The compiler that Cargo is told of. The paths that it leaves out of a binary are nobody's business who looks into
    /// one.
    fn compiler(&self, root: &Path) -> io::Result<PathBuf> {
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
        // The last of them that fits counts, and the clone may lie around the others.
        let mut replaced =
            vec![(root, "/build"), (self.source.as_path(), "/build"), (self.target.as_path(), "/target")];
        replaced.extend(home.as_deref().map(|home| (home, "/cargo")));
        let path = self.directory.join("rustc");
        compiler::write(&path, &replaced)?;
        Ok(path)
    }

    /// Compiles the model of `project`, for another machine where one is given. The binary stays what it is for as long
    /// as the bench is held.
    ///
    /// # Errors
    /// There is no cargo, or the model does not compile.
    pub async fn compile(
        &self,
        project: &Project,
        manner: Manner,
        target: Option<&Target>,
    ) -> Result<PathBuf> {
        let mut arguments = manner.arguments();
        arguments.extend(["--target-dir".into(), self.target.clone().into()]);
        if let Some(Target { triple, linker, .. }) = target {
            let linker = toml::Value::from(linker.as_str());
            arguments.extend(["--target".into(), triple.into()]);
            arguments.extend(["--config".into(), format!("target.{triple}.linker={linker}").into()]);
        }
        let compiler = self.compiler(&project.closure.root).map_err(|source| self.unwritable(source))?;
        let directory = self.source.join(package(project));
        let made = cargo::build(project, &directory, &arguments, Some(&compiler)).await;
        let made = made.map_err(|error| self.told(error))?;
        if target.is_none() {
            // Without the note, others compile for themselves.
            let _noted = seed::note(&self.directory, seed::profile(project), made.units);
        }
        Ok(made.binary)
    }

    fn unwritable(&self, source: io::Error) -> Error {
        cache::Error::Write { path: self.directory.clone(), source }.into()
    }

    /// What a compiler says of a full disk drowns in what it says besides, and it tidies up before anybody can look.
    fn told(&self, error: Error) -> Error {
        let left = cache::left(&self.directory);
        match left.filter(|left| *left < SCARCE && matches!(error, Error::DoesNotCompile)) {
            Some(left) => Error::NoRoom { path: self.directory.clone(), left: Size(left) },
            None => error,
        }
    }

    /// Has Cargo compile `members` anew: a fingerprint is what it knows a compiled package by.
    fn forget(&self, members: &[Member]) -> io::Result<()> {
        let known = |directory: &Path| match fs::read_dir(directory) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(Vec::new())
            }
            entries => entries?.collect(),
        };
        // Those for other machines are one level deeper.
        let mut fingerprints: Vec<fs::DirEntry> = known(&self.target.join(cargo::FINGERPRINTS))?;
        for machine in known(&self.target)? {
            fingerprints.extend(known(&machine.path().join(cargo::FINGERPRINTS))?);
        }
        for fingerprint in fingerprints {
            let name = fingerprint.file_name();
            let package = name.to_str().and_then(|name| name.rsplit_once('-')).map(|(package, _)| package);
            if members.iter().any(|member| package == Some(&member.name)) {
                fs::remove_dir_all(fingerprint.path())?;
            }
        }
        Ok(())
    }
}

/// Clears benches that nobody has used for long. What cannot be removed only takes room.
fn sweep(room: &Path) {
    for bench in fs::read_dir(room).into_iter().flatten().flatten().map(|bench| bench.path()) {
        let unused =
            seed::noted(&bench).and_then(|noted| noted.elapsed().ok()).is_some_and(|age| age > UNUSED);
        let lock = || File::options().write(true).open(bench.join(LOCK));
        if unused
            && let Ok(lock) = lock()
            && lock.try_lock().is_ok()
        {
            // The lock stays, for somebody may wait for it.
            let _stays = fs::remove_dir_all(bench.join("target"));
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_bench_is_cleared_when_nobody_has_used_it_for_long_and_nobody_holds_it() {
        let room = tempfile::tempdir().unwrap();
        let bench = |name: &str, age: Duration| {
            let directory = room.path().join(name);
            fs::create_dir_all(directory.join("target/release")).unwrap();
            seed::note(&directory, String::new(), BTreeSet::new()).unwrap();
            let note = File::options().append(true).open(directory.join(seed::NOTE)).unwrap();
            note.set_modified(std::time::SystemTime::now() - age).unwrap();
            (directory.join("target"), File::create(directory.join(LOCK)).unwrap())
        };
        let (used, _) = bench("used", UNUSED / 2);
        let (left, _) = bench("left", UNUSED * 2);
        let (held, lock) = bench("held", UNUSED * 2);
        lock.lock().unwrap();
        sweep(room.path());
        assert_eq!([&used, &left, &held].map(|target| target.exists()), [true, false, true]);
    }
}
