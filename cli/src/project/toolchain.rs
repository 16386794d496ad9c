//! Which Rust compiles the model.

use std::path::Path;

use serde::Deserialize;

use super::ProjectError;

/// The release this program knows to work, for projects that name none.
pub(super) const KNOWN: &str = "1.95";
/// Files that name a toolchain, the older spelling last.
const FILES: [&str; 2] = ["rust-toolchain.toml", "rust-toolchain"];

#[derive(Deserialize)]
struct File {
    toolchain: Toolchain,
}

#[derive(Deserialize)]
struct Toolchain {
    channel: Option<String>,
}

/// The version for the builder image: `configured`, else the nearest toolchain file at or above `directory` up to
/// `root`, else `rust_version` of the manifest where that is newer than the known release, else the known release.
///
/// A manifest's `rust-version` is the oldest Rust that will do, so an older one does not hold the build back.
pub(super) fn version(
    configured: Option<&str>,
    directory: &Path,
    root: &Path,
    rust_version: Option<(u64, u64)>,
) -> Result<String, ProjectError> {
    if let Some(version) = configured {
        return Ok(version.to_owned());
    }
    for directory in directory.ancestors().take_while(|ancestor| ancestor.starts_with(root)) {
        for file in FILES.map(|name| directory.join(name)) {
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            let Some(channel) = channel(&text) else { continue };
            return match &*channel {
                "stable" => Ok(KNOWN.to_owned()),
                channel if is_release(channel) => Ok(channel.to_owned()),
                _ => Err(ProjectError::Toolchain { file, channel }),
            };
        }
    }
    let known = pair(KNOWN);
    Ok(match rust_version {
        Some((major, minor)) if Some((major, minor)) > known => format!("{major}.{minor}"),
        _ => KNOWN.to_owned(),
    })
}

/// The channel a toolchain file names: in TOML, or alone on a line as in the oldest form.
fn channel(text: &str) -> Option<String> {
    match toml::from_str::<File>(text) {
        Ok(file) => file.toolchain.channel,
        Err(_) => text.lines().next().map(str::trim).filter(|line| !line.is_empty()).map(ToOwned::to_owned),
    }
}

fn is_release(channel: &str) -> bool {
    let parts: Vec<&str> = channel.split('.').collect();
    (2..=3).contains(&parts.len()) && parts.iter().all(|part| part.parse::<u32>().is_ok())
}

fn pair(version: &str) -> Option<(u64, u64)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
