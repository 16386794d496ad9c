//! Which revision of its source an image is made from, for its labels.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::plan::Origin;

/// How long `git` may take; a label is not worth more.
const PATIENCE: Duration = Duration::from_secs(3);

/// The origin of the source in `directory`: what a CI job says of itself, else what git says, else nothing.
pub(super) async fn origin(directory: &Path) -> Origin {
    let said = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let revision = match said("GITHUB_SHA") {
        Some(revision) => Some(revision),
        None => git(directory, &["rev-parse", "HEAD"]).await,
    };
    let version = match said("GITHUB_REF_NAME") {
        Some(version) => Some(version),
        None => git(directory, &["describe", "--tags", "--dirty"]).await,
    };
    Origin { revision, version }
}

async fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let output = tokio::process::Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, output).await.ok()?.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| output.status.success() && !text.is_empty())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[tokio::test]
    async fn a_directory_without_history_has_no_revision() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(git(directory.path(), &["rev-parse", "HEAD"]).await, None);
    }
}
