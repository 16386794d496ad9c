//! A run of Cargo.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use cargo_metadata::Message;

use super::{Error, Result};
use crate::group::Group;
use crate::project::Project;

/// Compiles the model of `project` for release, whose package Cargo is told to be at `directory`, and says where the
/// binary is. Cargo's own words go to the standard error stream; dropping the future ends it.
pub(super) async fn build(project: &Project, directory: &Path, arguments: &[OsString]) -> Result<PathBuf> {
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
    let mut group = Group::start(&mut command, Duration::ZERO).map_err(Error::NoCargo)?;
    let messages = group.child.stdout.take();
    let bin = project.cargo.bin.clone();
    let found = tokio::task::spawn_blocking(move || {
        let messages = BufReader::new(messages?).lines().map_while(io::Result::ok);
        let artifacts = messages.filter_map(|line| match serde_json::from_str(&line) {
            Ok(Message::CompilerArtifact(artifact)) => Some(artifact),
            _ => None,
        });
        let binary =
            artifacts.filter(|artifact| artifact.target.name == bin && artifact.executable.is_some()).last();
        binary.and_then(|artifact| artifact.executable).map(PathBuf::from)
    })
    .await
    .unwrap_or_default();
    // Its output has ended, so it is about to.
    let status = group.child.wait().map_err(Error::NoCargo)?;
    if !status.success() {
        return Err(Error::DoesNotCompile);
    }
    found.ok_or_else(|| Error::NoBinary(project.cargo.bin.clone()))
}
