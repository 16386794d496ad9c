//! From a project to a tagged image.
//!
//! Owns the order of things: project lock, the builder's work, schema out of the result, labels on it, delivery. Nothing
//! of ours is left in the engine but the named image, however a build ends. Refuses to know how a project becomes a Dockerfile
//! (`plan`, `dockerfile`, `context`) and how an engine solves one (`engine`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::context::archive::Entry;
use crate::engine::{BuildSecret, ContextTar};
use crate::plan::Platform;

mod builder;
mod deliver;
mod describe;
mod docker;
mod error;
mod gate;
mod host;
mod kept;
mod lock;
mod memory;
mod project;
mod remake;
mod sbom;
mod schema;
mod source;
#[cfg(test)]
mod tests;
mod veil;

pub use builder::{Choice, Destination, Output};
pub use describe::{Description, schema_is_a_file};
pub use error::{Error, Result};
pub use gate::Gate;
pub use lock::ProjectLock;
pub use project::{Prepared, Settings, prepare, prepare_of};
pub use schema::{SCHEMA_LABEL, of as schema};

/// All that a build does, ready to be done.
#[derive(Debug)]
pub struct Recipe {
    /// What the image will be called.
    pub image: String,
    /// What it will run on.
    pub platform: Platform,
    /// The Dockerfile's text.
    pub dockerfile: String,
    /// Where it lies in the context.
    pub dockerfile_path: String,
    /// The files it may copy.
    pub context: ContextTar,
    /// Labels known beforehand.
    pub labels: BTreeMap<String, String>,
    /// Where the built image has its schema.
    pub schema_path: String,
    /// The project's directory, which is locked for the length of the build.
    pub directory: PathBuf,
    /// Repeat every step.
    pub no_cache: bool,
    /// Secrets offered to its steps.
    pub secrets: Vec<BuildSecret>,
    /// The project's large files, which are in no context.
    pub large: Vec<Entry>,
    /// What the project is made of.
    pub description: Description,
}

/// A built image.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// Its name.
    pub image: String,
    /// Its id.
    pub id: String,
    /// Its OpenAPI document.
    pub schema: serde_json::Value,
    /// Digest of its manifest, where that is known: not to engines before the image is pushed.
    pub digest: Option<String>,
    /// Whether the name already stood for exactly this image.
    pub unchanged: bool,
}
