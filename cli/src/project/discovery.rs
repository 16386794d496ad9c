//! Where the project is: `cog.yaml`, searched upward.

use std::path::{Path, PathBuf};

use super::ProjectError;
use crate::config::{self, Config};

/// Name of the file that makes a directory a project.
const FILE: &str = "cog.yaml";
/// How many directories above the start are looked at.
const PARENTS: usize = 100;

/// A project directory and its checked `cog.yaml`, before Cargo has been asked anything.
#[derive(Debug, Clone)]
pub struct ProjectFile {
    /// Directory that holds `cog.yaml`, absolute.
    pub directory: PathBuf,
    /// What it says.
    pub config: Config,
}

impl ProjectFile {
    /// Finds `cog.yaml` in `start` or the nearest directory above it.
    ///
    /// # Errors
    /// There is none, it cannot be read, or it has faults.
    pub fn find(start: &Path) -> Result<Self, ProjectError> {
        let start = start
            .canonicalize()
            .ok()
            .filter(|path| path.is_dir())
            .ok_or_else(|| ProjectError::NotADirectory(start.to_owned()))?;
        let directory = start
            .ancestors()
            .take(PARENTS + 1)
            .find(|directory| directory.join(FILE).exists())
            .ok_or_else(|| ProjectError::NoConfig(start.clone()))?;
        let path = directory.join(FILE);
        let bytes = std::fs::read(&path).map_err(|source| ProjectError::Read { path, source })?;
        let config = config::parse(&bytes, FILE)?;
        Ok(Self { directory: directory.to_owned(), config })
    }
}
