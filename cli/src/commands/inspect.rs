//! `cog inspect`: what an image is, wherever it lies, without pulling or running it.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::context::trust::Certificates;
use crate::engine::docker;
use crate::inspection::{self, Inspected, Store, of_engine, of_store};
use crate::reference::Reference;
use crate::registry::Registry;

/// What `cog inspect` was asked.
#[derive(Debug)]
pub struct Settings {
    /// The image: a name, or `oci:DIR`.
    pub image: String,
    /// `--remote`: ask the registry, whatever the engine has.
    pub remote: bool,
    /// `--json`.
    pub json: bool,
    /// Certificates of `COG_CA_CERT`.
    pub certificates: Option<Certificates>,
}

/// Prints what is known of the image.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let image = find(&settings).await?;
    let text =
        if settings.json { serde_json::to_string_pretty(&image)? + "\n" } else { inspection::view(&image) };
    io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// In a directory where one is named; else in the engine, if there is one that has it; else in its registry.
async fn find(settings: &Settings) -> anyhow::Result<Inspected> {
    let name = &settings.image;
    if let Some(directory) = name.strip_prefix("oci:") {
        return Ok(of_store(&Store::Directory(Path::new(directory)), name, "").await?);
    }
    super::source::image_name(name)?;
    let reference = Reference::parse(name)?;
    if !settings.remote
        && let Ok(engine) = docker::connect().await
        && let Some(image) = of_engine(&engine, name).await?
    {
        return Ok(image);
    }
    let registry = Registry::of(&reference, settings.certificates.as_ref()).await?;
    let tag = reference.digest().unwrap_or(reference.tag_or_latest()).to_owned();
    Ok(of_store(&Store::Registry(&registry), name, &tag).await?)
}
