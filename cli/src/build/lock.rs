//! One build of a project at a time.

use std::fs::File;
use std::path::Path;

use super::{Error, Result};
use crate::engine::{Event, Progress};
use crate::lock;

/// The right to build a project; given back on drop, and by the kernel if this process dies.
#[derive(Debug)]
pub struct ProjectLock {
    _file: File,
}

impl ProjectLock {
    /// Waits for `<project>/.cog/cog.lock`, which is made if need be.
    pub async fn take(project: &Path, progress: &mut dyn Progress) -> Result<Self> {
        let path = project.join(".cog").join("cog.lock");
        let wrong = |source| Error::Lock { path: path.clone(), source };
        std::fs::create_dir_all(project.join(".cog")).map_err(wrong)?;
        let waiting =
            || progress.event(Event::Note("Waiting for another build of this project to end".to_owned()));
        Ok(Self { _file: lock::exclusive(&path, waiting).await.map_err(wrong)? })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use std::time::Duration;

    use super::*;
    use crate::engine::Quiet;

    #[tokio::test]
    async fn a_second_build_waits_for_the_first() {
        let project = tempfile::tempdir().unwrap();
        let first = ProjectLock::take(project.path(), &mut Quiet).await.unwrap();
        let mut quiet = Quiet;
        let second = ProjectLock::take(project.path(), &mut quiet);
        tokio::pin!(second);
        assert!(tokio::time::timeout(Duration::from_millis(300), &mut second).await.is_err());
        drop(first);
        tokio::time::timeout(Duration::from_secs(5), second).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_directory_that_cannot_be_written_is_named() {
        let project = tempfile::tempdir().unwrap();
        std::fs::write(project.path().join(".cog"), "in the way").unwrap();
        let error = ProjectLock::take(project.path(), &mut Quiet).await.unwrap_err();
        assert!(error.to_string().contains(".cog/cog.lock"), "{error}");
    }
}
