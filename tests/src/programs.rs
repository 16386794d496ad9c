//! Where the programs under test are.
//!
//! Cargo tells a test only of its own package's binaries, so the rest is built here, once, with the profile and into
//! the target directory that the test itself came from.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The checkout that the tests belong to.
pub fn repository() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ lies in the checkout")
}

/// The target directory that projects under test share, so that the SDK compiles once for all of them.
pub fn cargo_target() -> PathBuf {
    profile_directory().parent().expect("a profile lies in a target directory").join("projects")
}

/// What the programs under test can make again, and keep from one test to the next.
pub(crate) fn cache() -> PathBuf {
    cargo_target().join("cache")
}

/// How well the models of projects under test are compiled, unless a test asks for more.
pub(crate) const OPTIMISATION: &str = "0";

/// The `cog` program.
pub(crate) fn cog() -> &'static Path {
    static COG: OnceLock<PathBuf> = OnceLock::new();
    COG.get_or_init(|| {
        build("cog-cli", &["--bins"]);
        profile_directory().join("cog")
    })
}

/// The folder with the model binaries of `tests/predictors`, and others.
pub fn models() -> PathBuf {
    static TWINS: OnceLock<()> = OnceLock::new();
    TWINS.get_or_init(|| build("cog-test-predictors", &["--bins"]));
    profile_directory()
}

/// The model binary called `name` in `tests/predictors`.
pub(crate) fn twin(name: &str) -> PathBuf {
    let twin = models().join(name);
    assert!(twin.is_file(), "tests/predictors has no binary called `{name}`");
    twin
}

/// The same, for who needs few of them: all would take minutes to optimise.
pub fn twin_alone(name: &str) -> PathBuf {
    build("cog-test-predictors", &["--bin", name]);
    profile_directory().join(name)
}

/// `target/debug`, or whatever this test was built into.
fn profile_directory() -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its executable");
    let deps = test.parent().expect("an executable lies in a directory");
    // Unit tests and integration tests lie in `deps`.
    deps.parent().expect("cargo puts tests two levels deep").to_path_buf()
}

fn build(package: &str, targets: &[&str]) {
    // Built with everything else: built alone, what they depend on would be compiled once more with other features.
    if std::env::var_os("COG_TESTS_BUILT").is_some() {
        return;
    }
    let profile_directory = profile_directory();
    let profile = match profile_directory.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--package", package, "--profile", profile])
        .args(targets)
        .env("CARGO_TARGET_DIR", profile_directory.parent().expect("a profile lies in a target directory"))
        .current_dir(repository())
        .status()
        .expect("cargo starts");
    assert!(built.success(), "`{package}` does not compile");
}
