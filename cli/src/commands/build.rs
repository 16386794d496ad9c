//! `cog build`: an image of a project.

use std::io::{self, Write};

use crate::build::{self, prepare};
use crate::engine::docker;
use crate::progress::Mode;

/// What `cog build` was asked.
#[derive(Debug, Default)]
pub struct Settings {
    /// Which project, and how to build it.
    pub build: build::Settings,
    /// `--progress`.
    pub progress: Mode,
    /// `--dry-run`: print the plan and do nothing.
    pub dry_run: bool,
}

/// Builds the image; its id goes to the standard output, everything else beside it.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    let prepared = prepare(settings.build).await?;
    let mut said = io::stderr();
    for warning in &prepared.plan.warnings {
        writeln!(said, "warning: {warning}")?;
    }
    if settings.dry_run {
        writeln!(io::stdout(), "{}", prepared.plan.to_json()?)?;
        return Ok(());
    }
    let engine = docker::connect().await?;
    writeln!(said, "Building {}", prepared.plan.image)?;
    let built = prepared.build(&engine, settings.progress.renderer().as_mut()).await?;
    let unchanged = if built.unchanged { ", unchanged" } else { "" };
    writeln!(said, "Image built as {}{unchanged}", built.image)?;
    writeln!(io::stdout(), "{}", built.id)?;
    Ok(())
}
