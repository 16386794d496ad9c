//! What can be mended without asking.

use std::path::Path;
use std::process::Command;

use serde::Serialize;

/// Something that can be mended without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fix {
    /// Bring `Cargo.lock` in step with the manifests.
    UpdateLockFile,
}

/// Does it, for the package at `directory`.
///
/// # Errors
/// What Cargo has to say.
pub fn fix(fix: Fix, directory: &Path) -> Result<(), String> {
    match fix {
        Fix::UpdateLockFile => {
            let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
                .args(["metadata", "--format-version=1"])
                .current_dir(directory)
                .output()
                .map_err(|error| error.to_string())?;
            match output.status.success() {
                true => Ok(()),
                false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            }
        }
    }
}
