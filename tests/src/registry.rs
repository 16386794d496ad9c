//! A container registry of the test's own: the one that Debian packages.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tempfile::TempDir;

use crate::{Connection, Web, free_port, tokens};

/// Who may use a registry that asks.
pub const USER: &str = "tester";
/// [`USER`]'s password.
pub const PASSWORD: &str = "correct-horse";
/// [`PASSWORD`] as `htpasswd -B` writes it.
const HTPASSWD: &str = "tester:$2b$04$bYybVyoeC0tMyonNl3EMRutVePMDiWTlykoGbDFT2iMZdRC0yN5j.\n";

/// Makes an authority of one's own, and a certificate by it.
const CERTIFICATES: &str = "\
new='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
openssl req -x509 $new -keyout ca.key -out ca.pem -days 2 -subj /CN=authority
openssl req $new -keyout key.pem -out request.pem -subj /CN=registry
echo subjectAltName=IP:127.0.0.1 >names
openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile names
";

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
    _tokens: Option<Web>,
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
        Self::start("", "", None)
    }

    /// One that lets in [`USER`] with [`PASSWORD`] and nobody else.
    pub fn guarded() -> Self {
        Self::start("auth: { htpasswd: { realm: tests, path: HOME/htpasswd } }", "", None)
    }

    /// One that lets in who has a token, which [`USER`] gets for [`PASSWORD`] elsewhere.
    pub fn with_tokens() -> Self {
        let home = tempfile::tempdir().expect("a temporary directory can be made");
        let tokens = tokens::serve(home.path());
        let auth = format!(
            "auth: {{ token: {{ realm: \"http://{}/token\", service: {}, issuer: {}, rootcertbundle: {} }} }}",
            tokens.address(),
            tokens::SERVICE,
            tokens::ISSUER,
            home.path().join("token.pem").display()
        );
        Self::start(&auth, "", Some((home, tokens)))
    }

    /// One that speaks TLS, with a certificate of [`Registry::authority`].
    pub fn secured() -> Self {
        Self::start("", ", tls: { certificate: HOME/cert.pem, key: HOME/key.pem }", None)
    }

    fn start(auth: &str, tls: &str, tokens: Option<(TempDir, Web)>) -> Self {
        let (home, tokens) = match tokens {
            Some((home, tokens)) => (home, Some(tokens)),
            None => (tempfile::tempdir().expect("a temporary directory can be made"), None),
        };
        let port = free_port();
        let place = home.path().to_str().expect("temporary directories have plain names");
        let config = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {place}/blobs }} }}\n\
             http: {{ addr: \"127.0.0.1:{port}\"{} }}\n{}\n",
            tls.replace("HOME", place),
            auth.replace("HOME", place)
        );
        std::fs::write(home.path().join("config.yml"), config).expect("a configuration can be written");
        std::fs::write(home.path().join("htpasswd"), HTPASSWD).expect("a password file can be written");
        if !tls.is_empty() {
            let made = Command::new("sh").args(["-ec", CERTIFICATES]).current_dir(home.path()).output();
            assert!(
                made.as_ref().is_ok_and(|made| made.status.success()),
                "openssl makes certificates: {made:?}"
            );
        }
        let log = std::fs::File::create(home.path().join("access.log")).expect("a log can be written");
        let process = Command::new("docker-registry")
            .args(["serve", "config.yml"])
            .current_dir(home.path())
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry starts");
        let registry = Self { process, port, home, _tokens: tokens };
        let patience = Instant::now() + Duration::from_secs(30);
        while Connection::open(port).and_then(|mut connection| connection.get("/v2/")).is_err() {
            assert!(Instant::now() < patience, "the registry does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        registry
    }

    /// The certificate of the authority that vouches for one that speaks TLS.
    pub fn authority(&self) -> PathBuf {
        self.home.path().join("ca.pem")
    }

    /// A line for each request that it answered: method, path and version of HTTP in quotation marks.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("access.log")).expect("the log is there")
    }

    /// The manifest that a tag stands for, as bytes.
    pub fn manifest(&self, repository: &str, tag: &str) -> Vec<u8> {
        let accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
        let path = format!("/v2/{repository}/manifests/{tag}");
        let connection = Connection::open(self.port);
        let reply = connection.and_then(|mut it| it.request("GET", &path, &[("accept", accept)], b""));
        let reply = reply.expect("the registry answers");
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.body
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Bytes of all the blobs it holds.
    pub fn size(&self) -> u64 {
        let blobs = self.home.path().join("blobs/docker/registry/v2/blobs/sha256");
        let folders = |path: &Path| std::fs::read_dir(path).into_iter().flatten().flatten();
        let sizes = folders(&blobs).flat_map(|shelf| folders(&shelf.path()).collect::<Vec<_>>());
        sizes.filter_map(|blob| Some(blob.path().join("data").metadata().ok()?.len())).sum()
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
