//! `cog schema`: the OpenAPI document of a project or an image, or the JSON Schema of `cog.yaml`, on the standard
//! output.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use super::source::{self, ModelImage, Native};
use crate::config;
use crate::engine::docker;
use crate::progress::Mode;
use crate::project::Project;

/// How long a binary may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(30);

/// What `cog schema` was asked.
#[derive(Debug)]
pub struct Settings {
    /// Of what.
    pub what: What,
}

/// What has a schema.
#[derive(Debug)]
pub enum What {
    /// The image of this name.
    Image(String),
    /// The project in this directory or above it.
    Project(PathBuf),
    /// `cog.yaml`.
    Config,
}

/// Why there is no schema.
#[derive(Debug, thiserror::Error)]
#[error("image `{0}` has no schema in its labels")]
pub struct NoSchema(String);

/// Prints the document.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let document = match settings.what {
        What::Image(name) => {
            source::image_name(&name)?;
            let engine = docker::connect().await?;
            let image = ModelImage::find(&engine, &name, Mode::Auto).await?;
            image.document()?.ok_or(NoSchema(name))?
        }
        What::Project(directory) => {
            Native::compile(&Project::load(&directory)?, PATIENCE, false).await?.document
        }
        What::Config => config::schema(),
    };
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&document)?)?;
    Ok(ExitCode::SUCCESS)
}
