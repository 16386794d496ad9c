//! What a command runs: an image, or the project in a container or on this machine.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cog_schema::{Signature, openapi};
use serde_json::Value;

use crate::build::{self, Output, SCHEMA_LABEL};
use crate::compile::{self, Binary, Manner};
use crate::engine::{ContainerSpec, Engine, Gpus, Image, docker, read_file};
use crate::host::Compiled;
use crate::local;
use crate::plan::SCHEMA;
use crate::progress::Mode;
use crate::project::Project;
use crate::reference::{BadReference, Reference};
use crate::weights::{self, Lock, Mounts, Store};

/// The label that makes an image a model.
const CONFIG_LABEL: &str = "run.cog.config";

/// Why there is nothing to run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An input was given where an image is expected.
    #[error("`{0}` is no image name")]
    Input(String),
    /// The name is none.
    #[error(transparent)]
    Bad(#[from] BadReference),
    /// The image is somebody else's.
    #[error("image `{0}` is not a Cog model: it has no `run.cog.config` label")]
    NoModel(String),
    /// The image's schema cannot be read.
    #[error("the schema of image `{image}` is not valid: {reason}")]
    BadSchema {
        /// The image.
        image: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Input(text) => Some(format!("to give an input, write `-i {text}`")),
            _ => None,
        }
    }
}

/// A model on this machine, compiled.
#[derive(Debug)]
pub struct Native {
    /// The binary. Nobody compiles over it while this lives.
    pub binary: Binary,
    /// Where it finds its files.
    pub directory: PathBuf,
    /// Its OpenAPI document.
    pub document: Value,
}

impl Native {
    /// Compiles the project's model and asks it for its schema, for `limit` at most.
    pub async fn compile(project: &Project, limit: Duration, quiet: bool) -> anyhow::Result<Self> {
        let manner = Manner { quiet, ..Manner::default() };
        let waiting = || {
            // Whoever closed the stream does not want to know.
            let _closed = writeln!(io::stderr(), "{}", compile::WAITING);
        };
        let binary = compile::here(project, manner, waiting).await?;
        let document = local::document(&binary.path, &project.directory, limit).await?;
        Ok(Self { binary, directory: project.directory.clone(), document })
    }

    /// What the model takes and gives.
    pub fn signature(&self) -> Result<Signature, local::Error> {
        openapi::read(&self.document).map_err(|fault| local::Error::BadSchema(fault.to_string()))
    }
}

/// A model image that the engine has.
#[derive(Debug)]
pub struct ModelImage {
    name: String,
    image: Image,
}

impl ModelImage {
    /// Finds the image, pulling it where the engine does not have it.
    pub async fn find(engine: &Arc<dyn Engine>, name: &str, progress: Mode) -> anyhow::Result<Self> {
        let mut image = match engine.image(name).await? {
            Some(image) => image,
            None => {
                writeln!(std::io::stderr(), "Pulling {name}")?;
                engine.pull(name, progress.renderer().as_mut()).await?;
                let pulled = engine.image(name).await?;
                pulled.ok_or_else(|| crate::engine::Error::NoSuchImage { reference: name.to_owned() })?
            }
        };
        if !image.labels.contains_key(CONFIG_LABEL) {
            return Err(Error::NoModel(name.to_owned()).into());
        }
        if build::schema_is_a_file(&image.labels)
            && let Some(text) = read_file(engine, &image.id, SCHEMA).await?
        {
            let text = String::from_utf8_lossy(&text).into_owned();
            image.labels.insert(SCHEMA_LABEL.to_owned(), text);
        }
        Ok(Self { name: name.to_owned(), image })
    }

    /// Finds the image in this machine's engine, or has it pull it.
    pub async fn named(name: &str, progress: Mode) -> anyhow::Result<(Arc<dyn Engine>, Self)> {
        let engine = docker::connect().await?;
        let image = Self::find(&engine, name, progress).await?;
        Ok((engine, image))
    }

    /// Its OpenAPI document; `None` where it has none in its labels.
    pub fn document(&self) -> Result<Option<Value>, Error> {
        let Some(text) = self.image.labels.get(SCHEMA_LABEL).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        serde_json::from_str(text).map(Some).map_err(|error| self.bad_schema(&error))
    }

    /// What the model takes and gives.
    pub fn signature(&self) -> Result<Option<Signature>, Error> {
        self.document()?
            .map(|document| openapi::read(&document).map_err(|fault| self.bad_schema(&fault)))
            .transpose()
    }

    /// How to run it.
    pub fn container(&self, env: &[String], gpus: Option<Gpus>) -> ContainerSpec {
        let config: Option<Value> =
            self.image.labels.get(CONFIG_LABEL).and_then(|text| serde_json::from_str(text).ok());
        let wants_gpu = config.is_some_and(|config| config["build"]["gpu"] == Value::Bool(true));
        ContainerSpec {
            image: self.name.clone(),
            env: env.to_vec(),
            gpus: gpus.or_else(|| wants_gpu.then_some(Gpus::All)),
            ..ContainerSpec::default()
        }
    }

    fn bad_schema(&self, reason: &dyn std::fmt::Display) -> Error {
        Error::BadSchema { image: self.name.clone(), reason: reason.to_string() }
    }
}

/// Checks the name of an image before anything is asked of an engine.
pub fn image_name(text: &str) -> Result<(), Error> {
    if text.contains('=') {
        return Err(Error::Input(text.to_owned()));
    }
    Reference::parse(text)?;
    Ok(())
}

/// The project, ready to be built; what is odd about it is said.
pub async fn prepare(settings: build::Settings) -> anyhow::Result<build::Prepared> {
    prepare_of(Project::load(&settings.directory)?, settings).await
}

/// The same of a project that has been read.
pub async fn prepare_of(project: Project, settings: build::Settings) -> anyhow::Result<build::Prepared> {
    let prepared = build::prepare_of(project, settings).await?;
    for warning in &prepared.plan.warnings {
        writeln!(std::io::stderr(), "warning: {warning}")?;
    }
    Ok(prepared)
}

/// Lays out the weights that a run of the project reads.
pub async fn mounts(project: &Project, weights: Option<Lock>) -> anyhow::Result<Mounts> {
    let project = project.directory.clone();
    Ok(tokio::task::spawn_blocking(move || Mounts::of(weights.as_ref(), &project, Store::open)).await??)
}

/// The same for a project that is run without being built.
pub async fn mounts_of(project: &Project) -> anyhow::Result<Mounts> {
    mounts(project, weights::check(&project.directory, &project.config.weights)?).await
}

/// Builds the project's image, of a model that is compiled already where it is.
pub async fn build(
    prepared: &build::Prepared,
    model: Option<Compiled>,
    progress: Mode,
) -> anyhow::Result<(Arc<dyn Engine>, ModelImage)> {
    let engine = docker::connect().await?;
    writeln!(std::io::stderr(), "Building {}", prepared.plan.image)?;
    let output = Output::Docker(Arc::clone(&engine));
    let mut renderer = progress.renderer();
    let model = match model {
        None => prepared.compile(renderer.as_mut()).await?,
        model => model,
    };
    let built = prepared.build_of(model, output, renderer.as_mut()).await?;
    drop(renderer);
    let image = ModelImage::find(&engine, &built.image, progress).await?;
    Ok((engine, image))
}
