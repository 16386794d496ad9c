//! A run of Cargo.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use cargo_metadata::Message;
use cargo_metadata::camino::Utf8Path;

use super::{Error, Result};
use crate::group::Group;
use crate::project::Project;

/// Where Cargo keeps what it knows its work by, below what is compiled for one machine.
pub(super) const FINGERPRINTS: &str = "release/.fingerprint";

/// What Cargo made.
#[derive(Debug)]
pub(super) struct Made {
    /// The model's binary.
    pub(super) binary: PathBuf,
    /// What it is made of, and what made that.
    pub(super) units: BTreeSet<Unit>,
}

/// One run of a compiler or build script, as Cargo keeps what came of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(super) struct Unit {
    /// The package it is of: `SOURCE#NAME@VERSION` where that is a registry's.
    pub(super) package: String,
    /// What the names of its files end in.
    pub(super) hash: String,
}

/// Compiles the model of `project` for release, whose package Cargo is told to be at `directory`, by another `compiler`
/// than Cargo would take. Cargo's own words go to the standard error stream; dropping the future ends it.
pub(super) async fn build(
    project: &Project,
    directory: &Path,
    arguments: &[OsString],
    compiler: Option<&Path>,
) -> Result<Made> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["build", "--release", "--message-format=json-render-diagnostics"])
        .args(project.cargo.arguments())
        .args(arguments)
        .arg("--manifest-path")
        .arg(directory.join("Cargo.toml"))
        .current_dir(&project.directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    if let Some(compiler) = compiler.and_then(Path::to_str) {
        let compiler = toml::Value::from(compiler);
        // The variable would come first, and build scripts may take note of it.
        command.env_remove("RUSTC").arg("--config").arg(format!("build.rustc={compiler}"));
    }
    let mut group = Group::start(&mut command, Duration::ZERO).map_err(Error::NoCargo)?;
    let messages = group.child.stdout.take();
    let bin = project.cargo.bin.clone();
    let made = tokio::task::spawn_blocking(move || made(messages?, &bin)).await.unwrap_or_default();
    // Its output has ended, so it is about to.
    let status = group.child.wait().map_err(Error::NoCargo)?;
    if !status.success() {
        return Err(Error::DoesNotCompile);
    }
    made.ok_or_else(|| Error::NoBinary(project.cargo.bin.clone()))
}

/// What Cargo says that it made, with the binary called `bin`; nothing where it made none.
fn made(messages: ChildStdout, bin: &str) -> Option<Made> {
    let mut binary = None;
    let mut units = BTreeSet::new();
    for line in BufReader::new(messages).lines().map_while(io::Result::ok) {
        match serde_json::from_str(&line) {
            Ok(Message::CompilerArtifact(artifact)) => {
                let package = artifact.package_id.repr;
                let hashes = artifact.filenames.iter().filter_map(|path| hash(path));
                units.extend(hashes.map(|hash| Unit { package: package.clone(), hash }));
                if artifact.target.name == bin && artifact.executable.is_some() {
                    binary = artifact.executable.map(PathBuf::from);
                }
            }
            Ok(Message::BuildScriptExecuted(script)) => {
                let hash = hash(&script.out_dir);
                units.extend(hash.map(|hash| Unit { package: script.package_id.repr, hash }));
            }
            _ => {}
        }
    }
    Some(Made { binary: binary?, units })
}

/// The hash in the path of what Cargo made: `…/deps/libNAME-HASH.rlib`, or `…/build/NAME-HASH/…`.
fn hash(path: &Utf8Path) -> Option<String> {
    let directory = path.parent()?;
    let name = if directory.file_name() == Some("deps") { path.file_stem() } else { directory.file_name() };
    let (_, hash) = name?.rsplit_once('-')?;
    Some(hash.to_owned())
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn a_hash_is_found_in_the_paths_that_cargo_gives() {
        let found = |path: &str| hash(path.into());
        assert_eq!(found("/t/release/deps/libfutures_util-0a1b.rlib").as_deref(), Some("0a1b"));
        assert_eq!(found("/t/release/deps/libserde_derive-0a1b.so").as_deref(), Some("0a1b"));
        assert_eq!(found("/t/release/build/ring-0a1b/build-script-build").as_deref(), Some("0a1b"));
        assert_eq!(found("/t/release/build/ring-0a1b/out").as_deref(), Some("0a1b"));
        assert_eq!(found("/t/release/model"), None);
    }
}
