//! `cog playground`: a page for a model that is served somewhere.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::playground::{self, Playground};

/// What `cog playground` was asked.
#[derive(Debug)]
pub struct Settings {
    /// Where it listens, and for which model.
    pub playground: playground::Settings,
    /// `--no-open`, turned around.
    pub open: bool,
}

/// Serves the page until the future is dropped.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let playground = Playground::listen(settings.playground).await?;
    let url = playground.url();
    writeln!(io::stderr(), "Cog playground running at {url}\nPress Ctrl+C to stop.")?;
    if settings.open {
        playground::open(&url);
    }
    match playground.serve().await {}
}
