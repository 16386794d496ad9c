//! `cog predict`: one prediction, with an image, with the project in a container or on this machine, or with a model that
//! runs somewhere; or many, for a figure.

mod tell;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use super::asking::{self, Asked};
use crate::bench::{self, Load};
use crate::console::Console;
use crate::outputs::Destination;
use crate::progress::Mode;

/// What `cog predict` was asked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which model, and what.
    pub asking: asking::Settings,
    /// `-o`.
    pub output: Option<PathBuf>,
    /// How many predictions, and how many at a time, where a figure is asked for rather than an answer.
    pub load: Option<Load>,
    /// `--watch`.
    pub watch: bool,
}

/// Why a prediction gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It failed, or was canceled.
    #[error("the prediction {status}{}", .cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default())]
    NoSuccess {
        /// How it ended.
        status: &'static str,
        /// The model's own words.
        cause: Option<String>,
    },
}

impl Error {
    /// Nothing that this program knows.
    pub fn hint(&self) -> Option<String> {
        None
    }
}

/// Predicts. The answer goes to the standard output or to files, everything else beside it.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    if settings.watch { watch::run(settings).await } else { once(settings).await }
}

async fn once(settings: Settings) -> anyhow::Result<ExitCode> {
    let json = settings.asking.json.is_some();
    let destination = Destination::prepare(settings.output.as_deref(), json)?;
    let console = Console::new(settings.asking.progress == Mode::Quiet);
    let Asked { mut running, input, signature } =
        asking::ready(&settings.asking, &destination, &console).await?;
    if let Some(load) = settings.load {
        let figures = bench::put(load, running.client(), &input, false, &console).await;
        running.close().await?;
        figures.tell(json)?;
        return Ok(figures.verdict()?);
    }
    if let Some(pieces) = signature.as_ref().and_then(|signature| destination.pieces(signature)) {
        return tell::piecewise(running, &input, pieces, console).await;
    }
    let response = running.predict(&input).await?;
    running.close().await?;
    tell::whole(response, destination, signature, console).await
}
