//! `cog.yaml` as a value.
//!
//! Owns every key, its type and its rules; [`parse`] reports every fault of a file at once, each with its line and
//! column. Knows nothing of Cargo, Docker or the file system: a key that names a file is checked elsewhere.

mod build;
mod encoding;
mod environment;
mod fault;
mod keys;
mod reader;
mod reference;
mod schema;
mod syntax;
mod weights;
mod yaml;

#[cfg(test)]
mod tests;

pub use fault::{ConfigError, Fault};
pub use schema::document as schema;

use serde::Serialize;

use crate::cuda::Architecture;

/// A checked `cog.yaml`.
///
/// Serialised, it is the `run.cog.config` label: Cog's own keys under Cog's own names, empty ones left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Config {
    /// How the image is made.
    pub build: Build,
    /// Name of the image, where the file gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Bare repository that the model is pushed to, where the file gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The predictor, where the file names it (`predict:` or its other spelling, `run:`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predict: Option<PredictorRef>,
    /// How many predictions run at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<Concurrency>,
    /// Variables of the image, in the file's order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<EnvVar>,
    /// Files that the model loads and that never travel through the build context.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<Weight>,
}

/// The `build:` section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Build {
    /// Whether the model runs on an NVIDIA GPU.
    pub gpu: bool,
    /// Whether it runs nowhere else: its server then refuses to start without one.
    #[serde(skip_serializing_if = "is_false")]
    pub gpu_required: bool,
    /// CUDA version asked for, `major.minor` or `major.minor.patch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuda: Option<String>,
    /// Major version of cuDNN asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cudnn: Option<String>,
    /// Architectures of GPUs to compile for, lowest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cuda_architectures: Vec<Architecture>,
    /// Debian or Ubuntu packages that the model needs to compile or to run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub system_packages: Vec<String>,
    /// Commands run in the final image, after its packages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<RunStep>,
    /// Rust version to compile with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rust_version: Option<String>,
    /// Cargo features to switch on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Whether the package's default features stay on; true where the file is silent.
    #[serde(skip_serializing_if = "is_true")]
    pub default_features: bool,
    /// Member of the workspace that holds the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Binary target that is the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bin: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands skip_serializing_if a reference")]
fn is_true(value: &bool) -> bool {
    *value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands skip_serializing_if a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Default for Build {
    fn default() -> Self {
        Self {
            gpu: false,
            gpu_required: false,
            cuda: None,
            cudnn: None,
            cuda_architectures: Vec::new(),
            system_packages: Vec::new(),
            run: Vec::new(),
            rust_version: None,
            features: Vec::new(),
            default_features: true,
            package: None,
            bin: None,
        }
    }
}

/// One item of `build.run`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunStep {
    /// Shell command, one line.
    pub command: String,
    /// Secrets visible to this command only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<SecretMount>,
}

/// A secret that the builder mounts for the length of one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "secret")]
pub struct SecretMount {
    /// Name by which the secret is given to the build.
    pub id: String,
    /// Absolute path at which the command finds it.
    pub target: String,
}

/// `predict: src/main.rs:Upscaler`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PredictorRef {
    /// Source file, relative to the project directory.
    pub file: String,
    /// Name of the predictor in it.
    pub name: String,
}

impl Serialize for PredictorRef {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}:{}", self.file, self.name))
    }
}

/// The `concurrency:` section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Concurrency {
    /// Predictions that run at once, at least 1.
    pub max: u32,
}

/// One `NAME=value` of `environment:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvVar {
    /// Name of the variable.
    pub name: String,
    /// Its value, which may be empty.
    pub value: String,
}

impl Serialize for EnvVar {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}={}", self.name, self.value))
    }
}

/// One item of `weights:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Weight {
    /// Name, unique in the file.
    pub name: String,
    /// Absolute directory in the container, apart from every other target.
    pub target: String,
    /// Where the files come from; later sources override earlier ones.
    pub source: Vec<WeightSource>,
}

/// One source of a weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeightSource {
    /// Path or URL.
    pub uri: String,
    /// Patterns that admit files; none admits all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Patterns that drop files, stronger than `include`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

/// Reads a `cog.yaml`, which `file` names in messages.
///
/// # Errors
/// Every fault of the file at once; one only where it is not text, or not YAML.
pub fn parse(bytes: &[u8], file: &str) -> Result<Config, ConfigError> {
    let text = encoding::text(bytes)
        .map_err(|refused| ConfigError::new(file, &refused.text, vec![refused.fault]))?;
    let mut reader = reader::Reader::default();
    let config = match yaml::read(text) {
        Ok(Some(root)) => keys::config(&mut reader, &root),
        Ok(None) => Config::default(),
        Err(fault) => {
            reader.report(fault);
            Config::default()
        }
    };
    reader.finish().map_or(Ok(config), |faults| Err(ConfigError::new(file, text, faults)))
}
