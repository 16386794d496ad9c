//! What `cargo metadata` says.
use super::{Project, ProjectError, ProjectFile};
pub(super) fn load(file: ProjectFile) -> Result<Project, ProjectError> {
    Err(ProjectError::NoManifest(file.directory))
}
