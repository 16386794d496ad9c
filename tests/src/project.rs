//! A model's project, as an author would write it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::programs;

/// A project in a directory of its own.
///
/// Every project has a package name of its own, because all share one target directory.
#[derive(Debug)]
pub struct Project {
    directory: PathBuf,
    name: String,
    // Goes, and the directory with it, when the project does. A kept project has none.
    _temporary: Option<TempDir>,
}

impl Project {
    /// An empty directory.
    pub fn empty() -> Self {
        static PROJECTS: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}-{}", std::process::id(), PROJECTS.fetch_add(1, Ordering::Relaxed));
        let temporary =
            tempfile::Builder::new().prefix("cog-tests-").tempdir().expect("a directory can be made");
        Self { directory: temporary.path().to_owned(), name, _temporary: Some(temporary) }
    }

    /// A model that stays from one run of the tests to the next, so that it compiles once. Tests share it and change
    /// nothing in it.
    pub fn kept(name: &str, main: &str) -> Self {
        let directory = programs::cargo_target().join("src").join(name);
        let project = Self { directory, name: format!("kept-{name}"), _temporary: None };
        let unchanged = std::fs::read_to_string(project.file("src/main.rs")).is_ok_and(|old| old == main);
        if unchanged && project.file("Cargo.lock").exists() {
            return project;
        }
        let project = project.with_package("serde_json = \"1\"\n").with("cog.yaml", "build: {}\n");
        project.with("src/main.rs", main).locked()
    }

    /// A package with a `cog.yaml` and this `src/main.rs`, that takes the SDK from the checkout.
    pub fn model(main: &str) -> Self {
        Self::empty().with_package("").with("src/main.rs", main).with("cog.yaml", "build: {}\n").locked()
    }

    /// A project that `cog init` made.
    ///
    /// All have the same name, so that the engine finds the next one's steps in its cache.
    pub fn initialised() -> Self {
        Self::initialised_as("hello")
    }

    /// The same with a name of its own, so that no other test compiles it meanwhile.
    pub fn initialised_as(name: &str) -> Self {
        let mut project = Self::empty();
        name.clone_into(&mut project.name);
        project.directory.push(name);
        std::fs::create_dir(project.path()).expect("a directory can be made");
        crate::cog(["init"]).within(project.path()).run().succeeds();
        project
    }

    /// Adds a `Cargo.toml`, with more text at its end.
    #[must_use]
    pub fn with_package(self, more: &str) -> Self {
        let manifest = format!(
            "[package]\nname = {:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [profile.dev]\ndebug = false\n\n[profile.release]\nopt-level = 0\n\n\
             [dependencies]\ncog = {{ path = {:?} }}\n{more}",
            self.name,
            programs::repository().join("runtime"),
        );
        self.with("Cargo.toml", manifest)
    }

    /// Adds a file.
    #[must_use]
    pub fn with(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.write(path, bytes);
        self
    }

    /// Writes a file.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.file(path);
        std::fs::create_dir_all(path.parent().expect("a file lies in a directory"))
            .expect("directories can be made");
        std::fs::write(path, bytes).expect("a file can be written");
    }

    /// Takes over the checkout's versions of all dependencies, so that they are neither fetched nor compiled again.
    #[must_use]
    pub fn locked(self) -> Self {
        let lock =
            std::fs::read(programs::repository().join("Cargo.lock")).expect("the checkout has a lock file");
        self.write("Cargo.lock", lock);
        self.tidied()
    }

    /// Brings the lock file in step with the manifests, as any cargo command does.
    #[must_use]
    pub fn tidied(self) -> Self {
        let tidied = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1"])
            .current_dir(self.path())
            .output()
            .expect("cargo starts");
        assert!(tidied.status.success(), "{}", String::from_utf8_lossy(&tidied.stderr));
        self
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// A path in its directory.
    pub fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// The name of its package, and of its binary.
    pub fn name(&self) -> &str {
        &self.name
    }
}
