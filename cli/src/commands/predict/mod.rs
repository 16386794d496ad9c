//! `cog predict`: one prediction, with an image, with the project in a container or on this machine, or with a model that
//! runs somewhere; or many, for a figure.

mod ask;
mod load;
mod tell;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use ask::{Asked, Input};
use cog_schema::openapi;
use reqwest::Url;

use crate::build;
use crate::console::Console;
use crate::engine::Gpus;
use crate::inputs::Given;
use crate::outputs::Destination;
use crate::progress::Mode;

/// What `cog predict` was asked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The image to predict with, if not the project's.
    pub image: Option<String>,
    /// The model that runs somewhere and is to be asked instead.
    pub url: Option<Url>,
    /// Which project, and how to build it.
    pub build: build::Settings,
    /// `--progress`.
    pub progress: Mode,
    /// `--local`.
    pub local: bool,
    /// `-i`s.
    pub inputs: Vec<OsString>,
    /// `--json`.
    pub json: Option<OsString>,
    /// `-o`.
    pub output: Option<PathBuf>,
    /// `-e`s.
    pub env: Vec<String>,
    /// `--gpus`.
    pub gpus: Option<Gpus>,
    /// `--setup-timeout`.
    pub setup_timeout: Duration,
    /// How many predictions, and how many at a time, where a figure is asked for rather than an answer.
    pub load: Option<Load>,
    /// `--watch`.
    pub watch: bool,
}

/// Many predictions.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// How many.
    pub repeat: usize,
    /// How many at a time.
    pub concurrency: usize,
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
    /// Some of many did not succeed.
    #[error("{failed} of {of} predictions failed")]
    SomeFailed {
        /// How many.
        failed: usize,
        /// Of how many.
        of: usize,
    },
    /// No port is free.
    #[error("no port of this machine is free: {0}")]
    NoPort(#[source] std::io::Error),
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
    let json = settings.json.is_some();
    let destination = Destination::prepare(settings.output.as_deref(), json)?;
    let given = read(settings.inputs.clone(), settings.json.clone()).await?;
    let console = Console::new(settings.progress == Mode::Quiet);
    let Asked { mut running, input, signature } =
        ask::model(given, &destination, &settings, &console).await?;
    running.ready(settings.setup_timeout).await?;
    let signature = match signature {
        Some(signature) => Some(signature),
        None => openapi::read(&running.client().schema().await?).ok(),
    };
    let input = match (input, &signature) {
        (Input::Checked(input), _) => input,
        (Input::Given(given), Some(signature)) => {
            destination.suits(signature)?;
            given.check(signature)?
        }
        (Input::Given(given), None) => given.unchecked(),
    };
    if let Some(load) = settings.load {
        let figure = load::put(load, running.client(), &input, &console).await;
        running.close().await?;
        return figure.tell(json);
    }
    if let Some(pieces) = signature.as_ref().and_then(|signature| destination.pieces(signature)) {
        return tell::piecewise(running, &input, pieces, console).await;
    }
    let response = running.predict(&input).await?;
    running.close().await?;
    tell::whole(response, destination, signature, console).await
}

/// Reads the inputs beside this program's other work: the standard input may never end, and Ctrl-C is heard meanwhile.
async fn read(inputs: Vec<OsString>, json: Option<OsString>) -> anyhow::Result<Given> {
    Ok(tokio::task::spawn_blocking(move || Given::parse(&inputs, json.as_deref())).await??)
}
