//! A container registry of the test's own: the one that Debian packages.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tempfile::TempDir;

use crate::{Connection, free_port};

/// Who may use a registry that asks.
pub const USER: &str = "tester";
/// [`USER`]'s password.
pub const PASSWORD: &str = "correct-horse";
/// [`PASSWORD`] as `htpasswd -B` writes it.
const HTPASSWD: &str = "tester:$2b$04$bYybVyoeC0tMyonNl3EMRutVePMDiWTlykoGbDFT2iMZdRC0yN5j.\n";

/// Lets a test that needs a registry end early where there is none.
#[macro_export]
macro_rules! needs_registry {
    () => {
        $crate::needs_docker!();
        if !$crate::Registry::installed() {
            $crate::skip("`docker-registry` is not installed (Debian has a package of that name)");
            return;
        }
    };
}

/// A running registry; gone when this is.
#[derive(Debug)]
pub struct Registry {
    process: Child,
    port: u16,
    home: TempDir,
}

impl Registry {
    /// Whether the program is there.
    pub fn installed() -> bool {
        Command::new("docker-registry")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// One that lets everybody in.
    pub fn open() -> Self {
        Self::start("")
    }

    /// One that lets in [`USER`] with [`PASSWORD`] and nobody else.
    pub fn guarded() -> Self {
        Self::start("auth: { htpasswd: { realm: tests, path: HOME/htpasswd } }")
    }

    fn start(auth: &str) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory can be made");
        let port = free_port();
        let place = home.path().to_str().expect("temporary directories have plain names");
        let config = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {place}/blobs }} }}\n\
             http: {{ addr: \"127.0.0.1:{port}\" }}\n{}\n",
            auth.replace("HOME", place)
        );
        std::fs::write(home.path().join("config.yml"), config).expect("a configuration can be written");
        std::fs::write(home.path().join("htpasswd"), HTPASSWD).expect("a password file can be written");
        let process = Command::new("docker-registry")
            .args(["serve", "config.yml"])
            .current_dir(home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry starts");
        let registry = Self { process, port, home };
        let patience = Instant::now() + Duration::from_secs(30);
        while Connection::open(port).and_then(|mut connection| connection.get("/v2/")).is_err() {
            assert!(Instant::now() < patience, "the registry does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        registry
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The full name of a repository in it.
    pub fn reference(&self, repository: &str) -> String {
        format!("{}/{repository}", self.address())
    }

    /// Whether it holds this tag of a repository.
    pub fn has(&self, repository: &str, tag: &str) -> bool {
        self.home
            .path()
            .join("blobs/docker/registry/v2/repositories")
            .join(repository)
            .join("_manifests/tags")
            .join(tag)
            .join("current/link")
            .is_file()
    }

    /// The digest that it holds for a tag.
    pub fn digest(&self, repository: &str, tag: &str) -> String {
        let link = self
            .home
            .path()
            .join("blobs/docker/registry/v2/repositories")
            .join(repository)
            .join("_manifests/tags")
            .join(tag)
            .join("current/link");
        std::fs::read_to_string(link).expect("the tag was pushed")
    }

    /// Writes a Docker configuration with credentials for this registry into `directory` (for `DOCKER_CONFIG`).
    pub fn log_in(&self, directory: &Path, user: &str, password: &str) {
        let auth = STANDARD.encode(format!("{user}:{password}"));
        let mut auths = serde_json::Map::new();
        auths.insert(self.address(), json!({ "auth": auth }));
        let config = json!({ "auths": auths }).to_string();
        std::fs::write(directory.join("config.json"), config).expect("a configuration can be written");
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
