//! Who builds, and where to.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{Built, Error, Gate, Prepared, Result};
use crate::context::trust::Certificates;
use crate::engine::{Engine, Progress};
use crate::host;
use crate::oci::Packing;
use crate::plan::Plan;
use crate::project::Project;
use crate::reference::Reference;

/// One way from a project to an image.
pub(super) trait Builder: Send + Sync {
    /// Builds the project's image. Whatever fails, nothing is named but what is whole.
    fn build<'a>(
        self: Box<Self>,
        prepared: &'a Prepared,
        progress: &'a mut dyn Progress,
    ) -> BoxFuture<'a, Result<Built>>;
}

/// `--builder`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Choice {
    /// The host where it can, else the engine.
    #[default]
    Auto,
    /// This machine's cargo.
    Host,
    /// The engine.
    Docker,
}

impl Choice {
    /// Who builds `project` by `plan`: never [`Choice::Auto`]. Where that was to be found out, and it is the engine,
    /// also why.
    pub(super) fn of(self, project: &Project, plan: &Plan) -> Result<(Self, Option<String>)> {
        match self {
            Self::Docker => Ok((Self::Docker, None)),
            Self::Host => match host::refusal(project, plan) {
                Some(reason) => Err(Error::NotForHost(reason)),
                None => Ok((Self::Host, None)),
            },
            Self::Auto => match host::refusal(project, plan).or_else(|| host::lacks_cargo(project)) {
                Some(reason) => Ok((Self::Docker, Some(reason))),
                None => Ok((Self::Host, None)),
            },
        }
    }
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "host" => Ok(Self::Host),
            "docker" => Ok(Self::Docker),
            _ => Err("it is `auto`, `host` or `docker`".to_owned()),
        }
    }
}

/// `--output`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Destination {
    /// The engine.
    #[default]
    Docker,
    /// A directory, in the form of the OCI image layout.
    Oci(PathBuf),
    /// The registry that the image's name has.
    Registry,
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.split_once(':') {
            None if text == "docker" => Ok(Self::Docker),
            None if text == "registry" => Ok(Self::Registry),
            Some(("oci", directory)) if !directory.is_empty() => Ok(Self::Oci(directory.into())),
            _ => Err("it is `docker`, `registry` or `oci:DIR`".to_owned()),
        }
    }
}

/// Where a finished image goes.
#[derive(Debug)]
pub enum Output {
    /// Into an engine, under the plan's name.
    Docker(Arc<dyn Engine>),
    /// Into a directory.
    Oci(PathBuf),
    /// Straight into a registry.
    Registry {
        /// Under this name.
        reference: Reference,
        /// Certificates to trust beside those of this machine.
        certificates: Option<Certificates>,
        /// What comes of a change that breaks callers.
        gate: Gate,
    },
}

impl Output {
    /// How layers are packed that go there. An engine unpacks what it is given at once.
    pub(super) fn packing(&self) -> Packing {
        match self {
            Self::Docker(_) => Packing::Plain,
            Self::Oci(_) | Self::Registry { .. } => Packing::Gzip,
        }
    }
}
