//! The model that is asked, and what it is asked: all that `cog predict` and `cog bench` have in common.

use std::ffi::OsString;
use std::io::{self, Write};
use std::net::TcpListener;
use std::time::Duration;

use cog_schema::{Signature, openapi};
use reqwest::Url;
use serde_json::{Map, Value};

use super::source::{self, ModelImage, Native};
use crate::build;
use crate::compile;
use crate::console::Console;
use crate::engine::Gpus;
use crate::inputs::Given;
use crate::local::{self, LOOPBACK, Launch};
use crate::model::Running;
use crate::outputs::Destination;
use crate::progress::Mode;
use crate::project::Project;

/// Which model is asked, and what.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The image to ask, if not the project's.
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
    /// `-e`s.
    pub env: Vec<String>,
    /// `--gpus`.
    pub gpus: Option<Gpus>,
    /// `--setup-timeout`.
    pub setup_timeout: Duration,
}

/// Why nothing is asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No port is free.
    #[error("no port of this machine is free: {0}")]
    NoPort(#[source] io::Error),
}

/// A model that is ready, and what it will be asked.
#[derive(Debug)]
pub struct Asked {
    /// The model.
    pub running: Running,
    /// What it is asked: as checked as can be.
    pub input: Map<String, Value>,
    /// What it takes and gives, where it says so.
    pub signature: Option<Signature>,
}

/// A model that is being set up.
struct Begun {
    running: Running,
    input: Input,
    signature: Option<Signature>,
}

/// Its inputs.
enum Input {
    /// What it takes, checked.
    Checked(Map<String, Value>),
    /// Nobody but the running model knows its signature.
    Given(Given),
}

/// Reads what is asked, finds, builds or compiles the model, starts it, and waits until it is ready. Inputs that are none
/// for it are told as soon as its signature is known.
pub async fn ready(
    settings: &Settings,
    destination: &Destination,
    console: &Console,
) -> anyhow::Result<Asked> {
    let given = read(settings.inputs.clone(), settings.json.clone()).await?;
    let Begun { mut running, input, signature } = begin(given, destination, settings, console).await?;
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
    Ok(Asked { running, input, signature })
}

/// Reads the inputs beside this program's other work: the standard input may never end, and Ctrl-C is heard meanwhile.
async fn read(inputs: Vec<OsString>, json: Option<OsString>) -> anyhow::Result<Given> {
    Ok(tokio::task::spawn_blocking(move || Given::parse(&inputs, json.as_deref())).await??)
}

/// Finds, builds or compiles the model, and starts it, unless the inputs are none for it.
async fn begin(
    given: Given,
    destination: &Destination,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Begun> {
    if let Some(url) = &settings.url {
        let certificates = settings.build.certificates.as_ref();
        let running = Running::elsewhere(url.clone(), certificates, console)?;
        return Ok(Begun { running, input: Input::Given(given), signature: None });
    }
    match &settings.image {
        Some(image) => with_image(image, given, destination, settings, console).await,
        None if settings.local => on_this_machine(given, destination, settings, console).await,
        None => with_project(given, destination, settings, console).await,
    }
}

async fn with_image(
    image: &str,
    given: Given,
    destination: &Destination,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Begun> {
    source::image_name(image)?;
    let (engine, found) = ModelImage::named(image, settings.progress).await?;
    let signature = found.signature()?;
    let input = check(given, signature.as_ref(), destination)?;
    let running =
        Running::container(&engine, found.container(&settings.env, settings.gpus.clone()), console).await?;
    Ok(Begun { running, input, signature })
}

async fn on_this_machine(
    given: Given,
    destination: &Destination,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Begun> {
    let project = Project::load(&settings.build.directory)?;
    let mounts = source::mounts_of(&project).await?;
    let native = Native::compile(&project, settings.setup_timeout, settings.build.quiet).await?;
    let signature = native.signature()?;
    let input = check(given, Some(&signature), destination)?;
    let env: Vec<String> = mounts.variable().into_iter().chain(settings.env.iter().cloned()).collect();
    let port =
        TcpListener::bind((LOOPBACK, 0)).and_then(|free| free.local_addr()).map_err(Error::NoPort)?.port();
    let binary = &native.binary.path;
    let launch = Launch { binary, directory: &native.directory, address: LOOPBACK, port, env: &env };
    let running = Running::process(&launch, console)?.with(mounts);
    Ok(Begun { running, input, signature: Some(signature) })
}

async fn with_project(
    given: Given,
    destination: &Destination,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Begun> {
    let prepared = source::prepare(settings.build.clone()).await?;
    let model = prepared.compile(settings.progress.renderer().as_mut()).await?;
    let known = match &model {
        Some(model) => {
            Some(openapi::read(&model.schema).map_err(|fault| local::Error::BadSchema(fault.to_string()))?)
        }
        None => known_signature(&prepared.project, settings).await?,
    };
    let checked = match &known {
        Some(signature) => check(given, Some(signature), destination)?,
        None => Input::Given(given),
    };
    let mounts = source::mounts(&prepared.project, prepared.weights.clone()).await?;
    let (engine, image) = source::build(&prepared, model, settings.progress).await?;
    let signature = known.or(image.signature()?);
    let input = match checked {
        Input::Given(given) => check(given, signature.as_ref(), destination)?,
        checked => checked,
    };
    let mut spec = image.container(&settings.env, settings.gpus.clone());
    spec.binds = mounts.binds();
    let running = Running::container(&engine, spec, console).await?.with(mounts);
    Ok(Begun { running, input, signature })
}

/// What a model takes that an engine will compile, known by compiling it here first, before any engine is asked for
/// anything. `None` where this machine lacks what that needs: then it is known once the image is built.
async fn known_signature(project: &Project, settings: &Settings) -> anyhow::Result<Option<Signature>> {
    let build = &project.config.build;
    if build.gpu {
        return Ok(None);
    }
    match Native::compile(project, settings.setup_timeout, settings.build.quiet).await {
        Ok(native) => Ok(Some(native.signature()?)),
        Err(error) if matches!(error.downcast_ref(), Some(compile::Error::NoCargo(_))) => Ok(None),
        Err(_) if !build.system_packages.is_empty() => {
            let words =
                "The model needs packages that this machine may lack: its inputs are checked in the image";
            writeln!(io::stderr(), "{words}")?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Holds what was asked against what the model takes and gives.
fn check(given: Given, signature: Option<&Signature>, destination: &Destination) -> anyhow::Result<Input> {
    let Some(signature) = signature else { return Ok(Input::Given(given)) };
    let input = given.check(signature)?;
    destination.suits(signature)?;
    Ok(Input::Checked(input))
}
