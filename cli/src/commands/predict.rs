//! `cog predict`: one prediction, with an image, with the project in a container, or with the project on this machine.

use std::ffi::OsString;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use cog_schema::envelope::{PredictionResponse, Status};
use cog_schema::{Signature, openapi};

use super::source::{self, ModelImage, Native};
use crate::build;
use crate::engine::{Gpus, docker};
use crate::inputs::Given;
use crate::local::{self, LOOPBACK, Launch};
use crate::model::Running;
use crate::outputs::Destination;
use crate::progress::Mode;
use crate::project::Project;

/// What `cog predict` was asked.
#[derive(Debug)]
pub struct Settings {
    /// The image to predict with, if not the project's.
    pub image: Option<String>,
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
    /// No port is free.
    #[error("no port of this machine is free: {0}")]
    NoPort(#[source] io::Error),
}

impl Error {
    /// Nothing that this program knows.
    pub fn hint(&self) -> Option<String> {
        None
    }
}

/// Predicts once. The answer goes to the standard output or to files, everything else beside it.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let json = settings.json.is_some();
    let destination = Destination::prepare(settings.output.as_deref(), json)?;
    let given = read(settings.inputs.clone(), settings.json.clone()).await?;
    let limit = settings.setup_timeout;
    let Asked { mut running, input, signature } = match &settings.image {
        Some(image) => with_image(image, given, &destination, &settings).await?,
        None if settings.local => on_this_machine(given, &destination, &settings).await?,
        None => with_project(given, &destination, &settings).await?,
    };
    running.ready(limit).await?;
    let signature = match signature {
        Some(signature) => Some(signature),
        None => openapi::read(&running.client().schema().await?).ok(),
    };
    let input = match (input, &signature) {
        (Input::Checked(input), _) => input,
        (Input::Given(given), Some(signature)) => given.check(signature)?,
        (Input::Given(given), None) => given.unchecked(),
    };
    let response = running.predict(&input).await?;
    running.close().await?;
    // A pipe that nobody reads may hold this for ever.
    tokio::task::spawn_blocking(move || tell(&response, &destination, signature.as_ref(), json)).await?
}

/// Reads the inputs beside this program's other work: the standard input may never end, and Ctrl-C is heard meanwhile.
async fn read(inputs: Vec<OsString>, json: Option<OsString>) -> anyhow::Result<Given> {
    Ok(tokio::task::spawn_blocking(move || Given::parse(&inputs, json.as_deref())).await??)
}

/// A model about to be ready, and what it will be asked.
struct Asked {
    running: Running,
    input: Input,
    signature: Option<Signature>,
}

enum Input {
    Checked(serde_json::Map<String, serde_json::Value>),
    /// Nobody but the running model knows its signature.
    Given(Given),
}

async fn with_image(
    image: &str,
    given: Given,
    destination: &Destination,
    settings: &Settings,
) -> anyhow::Result<Asked> {
    source::image_name(image)?;
    let engine = docker::connect().await?;
    let found = ModelImage::find(&engine, image, settings.progress).await?;
    let signature = found.signature()?;
    let input = check(given, signature.as_ref(), destination)?;
    let running = Running::container(&engine, found.container(&settings.env, settings.gpus.clone())).await?;
    Ok(Asked { running, input, signature })
}

async fn on_this_machine(
    given: Given,
    destination: &Destination,
    settings: &Settings,
) -> anyhow::Result<Asked> {
    let project = Project::load(&settings.build.directory)?;
    let native = Native::compile(&project, settings.setup_timeout).await?;
    let signature = native.signature()?;
    let input = check(given, Some(&signature), destination)?;
    let port =
        TcpListener::bind((LOOPBACK, 0)).and_then(|free| free.local_addr()).map_err(Error::NoPort)?.port();
    let launch = Launch {
        binary: &native.binary,
        directory: &native.directory,
        address: LOOPBACK,
        port,
        env: &settings.env,
    };
    let running = Running::process(&launch)?;
    Ok(Asked { running, input, signature: Some(signature) })
}

async fn with_project(given: Given, destination: &Destination, settings: &Settings) -> anyhow::Result<Asked> {
    let project = Project::load(&settings.build.directory)?;
    let known = known_signature(&project, settings.setup_timeout).await?;
    let checked = match &known {
        Some(signature) => check(given, Some(signature), destination)?,
        None => Input::Given(given),
    };
    let (engine, image) = source::build(settings.build.clone(), settings.progress).await?;
    let signature = known.or(image.signature()?);
    let input = match checked {
        Input::Given(given) => check(given, signature.as_ref(), destination)?,
        checked => checked,
    };
    let running = Running::container(&engine, image.container(&settings.env, settings.gpus.clone())).await?;
    Ok(Asked { running, input, signature })
}

/// What the model takes, known by compiling it here before any engine is asked for anything. `None` where this machine
/// lacks what that needs: then it is known once the image is built.
async fn known_signature(project: &Project, limit: Duration) -> anyhow::Result<Option<Signature>> {
    let build = &project.config.build;
    if build.gpu {
        return Ok(None);
    }
    match Native::compile(project, limit).await {
        Ok(native) => Ok(Some(native.signature()?)),
        Err(local::Error::NoCargo(_)) => Ok(None),
        Err(_) if !build.system_packages.is_empty() => {
            let words =
                "The model needs packages that this machine may lack: its inputs are checked in the image";
            writeln!(io::stderr(), "{words}")?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Holds what was asked against what the model takes and gives.
fn check(given: Given, signature: Option<&Signature>, destination: &Destination) -> anyhow::Result<Input> {
    let Some(signature) = signature else { return Ok(Input::Given(given)) };
    let input = given.check(signature)?;
    destination.suits(signature)?;
    Ok(Input::Checked(input))
}

fn tell(
    response: &PredictionResponse,
    destination: &Destination,
    signature: Option<&Signature>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let succeeded = response.status == Status::Succeeded;
    if succeeded || json {
        let written = destination.write(response, signature)?;
        for file in &written.files {
            writeln!(io::stderr(), "Written to {file}")?;
        }
        for warning in &written.warnings {
            writeln!(io::stderr(), "warning: {warning}")?;
        }
        io::stdout().write_all(written.stdout.as_bytes())?;
        io::stdout().flush()?;
    }
    if succeeded {
        return Ok(ExitCode::SUCCESS);
    }
    let status = response.status.as_str();
    Err(Error::NoSuccess { status, cause: response.error.clone() }.into())
}
