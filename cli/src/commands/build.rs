//! `cog build`: an image of a project.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::build::{self, Destination, Gate, Output, prepare};
use crate::engine::docker;
use crate::progress::Mode;

/// What `cog build` was asked.
#[derive(Debug, Default)]
pub struct Settings {
    /// Which project, and how to build it.
    pub build: build::Settings,
    /// `--progress`.
    pub progress: Mode,
    /// `--output`.
    pub output: Destination,
    /// `--dry-run`: print the plan and do nothing.
    pub dry_run: bool,
}

/// Builds the image; what its place calls it goes to the standard output, everything else beside it.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let prepared = prepare(settings.build).await?;
    let mut said = io::stderr();
    for warning in &prepared.plan.warnings {
        writeln!(said, "warning: {warning}")?;
    }
    if settings.dry_run {
        writeln!(io::stdout(), "{}", prepared.plan.to_json()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut renderer = settings.progress.renderer();
    let built = match settings.output {
        Destination::Oci(directory) => {
            writeln!(said, "Building {}", directory.display())?;
            let built = prepared.build(Output::Oci(directory.clone()), renderer.as_mut()).await?;
            writeln!(said, "Image written to {}", directory.display())?;
            writeln!(io::stdout(), "{}", built.digest.unwrap_or_default())?;
            return Ok(ExitCode::SUCCESS);
        }
        Destination::Registry => {
            let reference = super::push::target(&prepared.plan.image)?;
            writeln!(said, "Building {reference}")?;
            let output = prepared.registry(reference.clone(), Gate::Warn);
            let built = prepared.build(output, renderer.as_mut()).await?;
            let unchanged = if built.unchanged { ", unchanged" } else { "" };
            writeln!(said, "Image pushed as {reference}{unchanged}")?;
            writeln!(io::stdout(), "{}@{}", reference.name(), built.digest.unwrap_or_default())?;
            return Ok(ExitCode::SUCCESS);
        }
        Destination::Docker => {
            let engine = docker::connect().await?;
            writeln!(said, "Building {}", prepared.plan.image)?;
            prepared.build(Output::Docker(engine), renderer.as_mut()).await?
        }
    };
    let unchanged = if built.unchanged { ", unchanged" } else { "" };
    writeln!(said, "Image built as {}{unchanged}", built.image)?;
    writeln!(io::stdout(), "{}", built.id)?;
    Ok(ExitCode::SUCCESS)
}
