//! The project a command works on: its directory, its `cog.yaml` and the Cargo package that is the model.
//!
//! Owns discovery and what `cargo metadata` says. Knows nothing of images or Docker.

mod accelerators;
mod cargo;
mod closure;
mod discovery;
mod error;
mod lock;
mod metadata;
mod toolchain;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use accelerators::Accelerator;
pub use cargo::CargoTarget;
pub use closure::{Closure, Member};
pub use discovery::ProjectFile;
pub use error::ProjectError;
pub use lock::{LockFile, LockedPackage};

use crate::config::Config;

/// A project that can be built.
#[derive(Debug, Clone)]
pub struct Project {
    /// Directory that holds `cog.yaml`, absolute.
    pub directory: PathBuf,
    /// The checked `cog.yaml`.
    pub config: Config,
    /// Package and binary that are the model, with their features.
    pub cargo: CargoTarget,
    /// Directory of the model's package, absolute; the project directory unless the model is a workspace member.
    pub package_directory: PathBuf,
    /// Root of the Cargo workspace, absolute; the package's directory where there is no workspace.
    pub workspace_root: PathBuf,
    /// Whether Cargo is told of a target directory other than the workspace's `target`.
    pub has_own_target_directory: bool,
    /// Rust version to compile with, as the builder image's tag has it: `1.95` or `1.95.0`.
    pub rust_version: String,
    /// Local packages that the model is compiled from.
    pub closure: Closure,
    /// Locked packages that decide which CUDA a GPU model needs; empty for a CPU model.
    pub accelerators: Vec<Accelerator>,
    /// Every locked package.
    pub lock: LockFile,
}

impl Project {
    /// Finds the project at `directory` or above it and reads everything a build needs to know.
    ///
    /// # Errors
    /// No `cog.yaml`, faults in it, no `Cargo.toml`, no `Cargo.lock`, what `cargo metadata` refuses, or a choice
    /// between binaries that only the author can make.
    pub fn load(directory: &Path) -> Result<Self, ProjectError> {
        metadata::load(ProjectFile::find(directory)?)
    }
}
