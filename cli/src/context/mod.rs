//! The build context: one deterministic tar.
//!
//! Owns which files travel and how an entry looks (sorted, no owner, one time stamp, normal modes), so that the same
//! sources give the same bytes. Knows nothing of where the tar goes.

pub mod archive;
mod assets;
mod error;
pub mod ignore;
pub mod trust;
mod walk;

use std::io::Write;
use std::path::PathBuf;

pub use error::ContextError;
pub use walk::Assets;

use crate::plan::Plan;
use crate::project::Project;

/// The files of one build, chosen but not yet read.
#[derive(Debug)]
pub struct Context {
    entries: Vec<archive::Entry>,
}

impl Context {
    /// Chooses the files of a build; `dockerfile` is the text of its Dockerfile, which lies at
    /// [`crate::dockerfile::PATH`].
    ///
    /// # Errors
    /// An ignore file that cannot be understood, or a directory that cannot be read.
    pub fn collect(project: &Project, plan: &Plan, dockerfile: &str) -> Result<Self, ContextError> {
        let mut generated = vec![("Dockerfile", dockerfile)];
        generated.extend(crate::dockerfile::SCRIPTS);
        Ok(Self { entries: walk::entries(project, plan, &generated)? })
    }

    /// Writes the tar.
    ///
    /// # Errors
    /// A file that vanished, changed its size or cannot be read, or a writer that fails.
    pub fn write(&self, writer: impl Write) -> Result<(), ContextError> {
        archive::write(&self.entries, writer)
    }
}

/// The project's files that a model may read while it runs, relative to the project; without `secrets`.
///
/// # Errors
/// As for [`Context::collect`].
pub fn assets(project: &Project, secrets: &[PathBuf]) -> Result<Assets, ContextError> {
    walk::split(project, secrets)
}
