//! No secret that a build is given is anywhere afterwards: not in the image, nor in what the engine was sent, nor in what
//! was printed, nor in what is kept.

use std::path::{Path, PathBuf};
use std::process::Command;

use cog_tests::docker::{self, ImageName};
use cog_tests::{Cog, EngineWay, Outcome, Project, cargo_target, cog, needs_docker, shell};

use crate::push_directly::hello;

/// Steps that are given a secret by a file and one by a variable, use them, and let one slip.
fn steps(then: &str) -> String {
    format!(
        "build:\n  run:\n    - command: cat /run/secrets/token /run/secrets/other | wc -c > /length; \
         cat /run/secrets/token >&2; {then}\n      mounts:\n        \
         - {{type: secret, id: token, target: /run/secrets/token}}\n        \
         - {{type: secret, id: other, target: /run/secrets/other}}\n"
    )
}

/// An authority whose key lies in the same file.
const AUTHORITY: &str = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out ca.pem -days 2 -subj /CN=authority \
                         2>/dev/null && cat ca.pem key.pem > both.pem && sed -n 3p key.pem";

/// Surroundings full of secrets.
struct Careless {
    place: Project,
    /// None of these may be found again.
    secrets: Vec<String>,
    cache: PathBuf,
}

impl Careless {
    fn new() -> Self {
        let secret = |name: &str| format!("{name}-{}-{}", std::process::id(), uuid());
        let [token, other, password, proxy, hub] = ["token", "other", "password", "proxy", "hub"].map(secret);
        let place = Project::empty().with("token.txt", &token);
        let (code, key) = shell(AUTHORITY, place.path());
        assert_eq!(code, 0, "openssl makes a certificate");
        let auth = base64(&format!("me:{password}"));
        let auths = format!("{{\"auths\":{{\"registry.example.com\":{{\"auth\":\"{auth}\"}}}}}}");
        let place = place.with("docker/config.json", auths);
        let cache = place.file("cache");
        std::fs::create_dir(&cache).expect("a directory can be made");
        // What is compiled is shared with other tests: it takes minutes.
        let host = cargo_target().join("cache/host");
        std::fs::create_dir_all(&host).expect("a directory can be made");
        std::os::unix::fs::symlink(&host, cache.join("host")).expect("a link can be made");
        let secrets = vec![key.trim().to_owned(), token, other, password, auth, proxy, hub];
        Self { place, secrets, cache }
    }

    fn surround(&self, cog: Cog) -> Cog {
        let [_, _, other, _, _, proxy, hub] = &self.secrets[..] else { unreachable!("there are seven") };
        let proxy = format!("http://me:{proxy}@127.0.0.1:9");
        cog.env("OTHER", other)
            .env("HF_TOKEN", hub)
            .env("CARGO_REGISTRIES_PRIVATE_TOKEN", hub)
            .env("DOCKER_CONFIG", self.place.file("docker"))
            .env("COG_CA_CERT", self.place.file("both.pem"))
            .env("COG_CACHE_DIR", &self.cache)
            .env("HTTP_PROXY", &proxy)
            .env("HTTPS_PROXY", &proxy)
            .env("ALL_PROXY", &proxy)
    }

    /// The flags that give the secrets of [`steps`].
    fn given(&self) -> [String; 2] {
        let file = format!("--secret=id=token,src={}", self.place.file("token.txt").display());
        [file, "--secret=id=other,env=OTHER".to_owned()]
    }

    fn are_not_in(&self, what: &str, path: &Path) {
        let mut grep = Command::new("grep");
        grep.args(["--recursive", "--text", "--fixed-strings", "--files-with-matches"]);
        for secret in &self.secrets {
            grep.args(["-e", secret]);
        }
        let found = grep.arg(path).output().expect("grep starts");
        let files = String::from_utf8_lossy(&found.stdout);
        assert_eq!(found.status.code(), Some(1), "{what} has a secret: {files}{:?}", found.stderr);
    }

    fn are_not_said(&self, outcome: &Outcome) {
        self.are_not_told(&format!("{}{}", outcome.output(), outcome.messages()));
    }

    fn are_not_told(&self, text: &str) {
        for secret in &self.secrets {
            assert!(!text.contains(secret.as_str()), "a secret was printed: {secret} in {text}");
        }
    }

    /// All that an engine tells of an image, and all that it holds.
    fn are_not_in_the_image(&self, image: &str) {
        for asked in [["history", "--no-trunc"], ["image", "inspect"]] {
            self.are_not_told(&docker::ask(asked.into_iter().chain([image])));
        }
        let saved = Project::empty();
        docker::ask(["save", "--output", &saved.file("image.tar").display().to_string(), image]);
        let unpack = "tar -xf image.tar && rm image.tar";
        assert_eq!(shell(unpack, saved.path()).0, 0);
        self.are_not_in_the_layers(saved.path());
    }

    fn are_not_in_the_layers(&self, directory: &Path) {
        // Those that are compressed, as they are when they are not.
        let unpack = "find . -type f -exec sh -c 'gzip -cd \"$1\" >\"$1.plain\" 2>/dev/null || rm \"$1.plain\"' - {} ';'";
        assert_eq!(shell(unpack, directory).0, 0);
        self.are_not_in("the image", directory);
    }
}

fn uuid() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/uuid").expect("the kernel makes them").trim().to_owned()
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn an_engine_that_builds_leaves_none() {
    needs_docker!();
    let careless = Careless::new();
    let way = EngineWay::open();
    let url = format!("[remote \"origin\"]\nurl = https://me:{}@example.com/a\n", careless.secrets[6]);
    let project = Project::initialised().with("cog.yaml", steps("true plain")).with(".git/config", url);
    let image = ImageName::fresh();
    let build = |more: &[&str]| {
        let build = cog(["build", "--builder", "docker", "-t", &image]).args(careless.given()).args(more);
        careless.surround(build.within(project.path())).env("DOCKER_HOST", way.address())
    };
    let first = build(&["--progress", "plain"]).run().succeeds().says("[secret]");
    careless.are_not_said(&first);
    for how in ["auto", "quiet"] {
        project.write("cog.yaml", steps(&format!("true {how}")));
        careless.are_not_said(&build(&["--debug", "--progress", how]).run().succeeds());
    }
    project.write("cog.yaml", steps("true tty"));
    let (code, shown) = build(&[]).on_a_terminal((100, 30)).finish();
    assert_eq!(code, 0, "{shown}");
    careless.are_not_told(&shown);
    careless.are_not_in_the_image(&image);
    let length = docker::ask(["run", "--rm", "--entrypoint", "/bin/cat", &image, "/length"]);
    let both = careless.secrets[1].len() + careless.secrets[2].len();
    assert_eq!(length.trim(), both.to_string(), "the steps had them");

    let layout = careless.place.file("layout");
    let output = format!("--output=oci:{}", layout.display());
    careless.are_not_said(&build(&[&output]).run().succeeds());
    careless.are_not_in_the_layers(&layout);

    // A step that fails tells more, and so does a registry that is not to be reached.
    project.write("cog.yaml", steps("exit 3"));
    for how in ["plain", "auto", "quiet"] {
        let failed = build(&["--debug", "--progress", how]).run().exits(1).says("[secret]");
        careless.are_not_said(&failed);
    }
    careless.are_not_in("what the engine was sent", &way.sent());
    careless.are_not_in("the cache", &careless.cache);
    careless.are_not_in("the project's folder", &project.file(".cog"));
}

#[test]
fn a_host_that_builds_leaves_none() {
    needs_docker!();
    let careless = Careless::new();
    let project = hello();
    let image = ImageName::fresh();
    let build = |more: &[&str]| {
        let build = cog(["build", "--builder", "host"]).args(careless.given()).args(more);
        careless.surround(build.within(project.path()))
    };
    for how in ["plain", "auto", "quiet"] {
        let build = build(&["--debug", "--progress", how, "-t", &image]);
        careless.are_not_said(&build.run().succeeds());
    }
    careless.are_not_in_the_image(&image);
    let layout = careless.place.file("layout");
    let output = format!("--output=oci:{}", layout.display());
    careless.are_not_said(&build(&[&output]).run().succeeds());
    careless.are_not_in_the_layers(&layout);
    let elsewhere = ["--debug", "--output", "registry", "-t", "registry.example.com/me/hello"];
    careless.are_not_said(&build(&elsewhere).run().exits(1));
    careless.are_not_in("the cache", &careless.cache);
    careless.are_not_in("the project's folder", &project.file(".cog"));
}
