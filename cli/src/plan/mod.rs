//! Everything a build does, as a value.
//!
//! Owns the decisions: base images, what is compiled and how, what the final image holds, variables, labels, name.
//! A plan is a function of the project and the options; it is printed by `cog build --dry-run`, turned into text by
//! `dockerfile` and into a tar by `context`. Knows nothing of Docker's API.

mod accelerator;
mod architectures;
mod base;
mod cuda;
mod error;
mod labels;
mod mirror;
mod name;
mod origin;
mod platform;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

pub use cuda::Cuda;
pub use error::PlanError;
pub use mirror::{BadMirror, Mirror};
pub use origin::Origin;
pub use platform::Platform;

use crate::config::{EnvVar, RunStep};
use crate::context::trust::Certificates;
use crate::project::{CargoTarget, Project};

/// Directory at the root of the context that holds what the CLI generates.
pub const GENERATED: &str = ".cog-build";
/// Where the schema is in the final image.
pub const SCHEMA: &str = "/src/.cog/openapi_schema.json";

/// What a command adds to the project.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `-t`: name of the image.
    pub tag: Option<String>,
    /// Certificates of `COG_CA_CERT`.
    pub certificates: Option<Certificates>,
    /// Files with secrets: they never travel, whatever else they are.
    pub secrets: Vec<PathBuf>,
    /// `--platform`.
    pub platform: Platform,
    /// Where images of Docker Hub are taken from in its place.
    pub mirror: Option<Mirror>,
    /// Have a system around the model, with a shell, whether or not it needs one. The image has a name of its own then.
    pub system: bool,
    /// Keep nothing that was compiled before.
    pub anew: bool,
    /// Revision and version of the source, for the labels.
    pub origin: Origin,
}

/// Everything a build does.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Name of the image.
    pub image: String,
    /// Platform it is made for.
    pub platform: Platform,
    /// Image the model is compiled in.
    pub builder: String,
    /// Image the Rust toolchain is taken from, where the builder has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub toolchain: Option<String>,
    /// Image the final one starts from.
    #[serde(rename = "final")]
    pub base: String,
    /// CUDA versions, for a GPU model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuda: Option<Cuda>,
    /// What Cargo compiles.
    pub cargo: CargoTarget,
    /// The command that compiles it.
    pub command: Vec<String>,
    /// Names the cache that keeps compiled dependencies between builds.
    pub cache: String,
    /// Empty that cache first.
    pub anew: bool,
    /// Packages installed in the builder and in the final image.
    pub system_packages: Vec<String>,
    /// Commands run in the final image.
    pub run: Vec<RunStep>,
    /// Variables of the final image, in order.
    pub environment: Vec<EnvVar>,
    /// Labels known before the build; those made from its result are added later.
    pub labels: BTreeMap<String, String>,
    /// Layout of the build context.
    pub context: Layout,
    /// Whether certificates of `COG_CA_CERT` are trusted.
    pub extra_certificates: bool,
    /// PEM of those certificates; public by nature, but of no interest to a reader of the plan.
    #[serde(skip)]
    pub certificates: Option<Certificates>,
    /// Files of the project that stay out of everything: secrets.
    #[serde(skip)]
    pub secrets: Vec<PathBuf>,
    /// Things the author should know that do not stop the build.
    pub warnings: Vec<String>,
}

/// Where things are in the build context, relative to its root; `.` is the root itself.
#[derive(Debug, Clone, Serialize)]
pub struct Layout {
    /// The project directory, where Cargo is started.
    pub project: String,
    /// The workspace root.
    pub workspace: String,
    /// Local packages, by directory.
    pub members: Vec<String>,
    /// Files the CLI generates under [`GENERATED`].
    pub generated: Vec<String>,
}

impl Plan {
    /// Plans the build of a project.
    ///
    /// # Errors
    /// A CUDA version that no base image has, or an image name that Docker would refuse.
    pub fn new(project: &Project, options: &Options) -> Result<Self, PlanError> {
        base::plan(project, options)
    }

    /// Whether the model runs on a GPU.
    pub fn gpu(&self) -> bool {
        self.cuda.is_some()
    }

    /// Whether the final image is the closure of the binary on an empty base.
    pub fn starts_empty(&self) -> bool {
        self.base == base::SCRATCH
    }

    /// The plan as `cog build --dry-run` prints it.
    ///
    /// # Errors
    /// None in practice: every field is plain data.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }
}
