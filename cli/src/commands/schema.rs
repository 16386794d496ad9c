//! `cog schema`: the OpenAPI document of a project or an image, on the standard output.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use super::source::{self, ModelImage, Native};
use crate::engine::docker;
use crate::progress::Mode;
use crate::project::Project;

/// How long a binary may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(30);

/// What `cog schema` was asked.
#[derive(Debug)]
pub struct Settings {
    /// The image to ask, if not the project.
    pub image: Option<String>,
    /// Where to look for the project.
    pub directory: PathBuf,
}

/// Why there is no schema.
#[derive(Debug, thiserror::Error)]
#[error("image `{0}` has no schema in its labels")]
pub struct NoSchema(String);

/// Prints the document.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let document = match settings.image {
        Some(name) => {
            source::image_name(&name)?;
            let engine = docker::connect().await?;
            let image = ModelImage::find(&engine, &name, Mode::Auto).await?;
            image.document()?.ok_or(NoSchema(name))?
        }
        None => Native::compile(&Project::load(&settings.directory)?, PATIENCE).await?.document,
    };
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&document)?)?;
    Ok(ExitCode::SUCCESS)
}
