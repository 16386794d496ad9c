//! The model that is asked, and what it is asked.

use std::io::{self, Write};
use std::net::TcpListener;
use std::time::Duration;

use cog_schema::{Signature, openapi};

use super::{Error, Settings};
use crate::commands::source::{self, ModelImage, Native};
use crate::console::Console;
use crate::engine::docker;
use crate::inputs::Given;
use crate::local::{self, LOOPBACK, Launch};
use crate::model::Running;
use crate::outputs::Destination;
use crate::project::Project;

/// A model about to be ready, and what it will be asked.
pub(super) struct Asked {
    pub(super) running: Running,
    pub(super) input: Input,
    pub(super) signature: Option<Signature>,
}

/// Its inputs.
pub(super) enum Input {
    /// What it takes, checked.
    Checked(serde_json::Map<String, serde_json::Value>),
    /// Nobody but the running model knows its signature.
    Given(Given),
}

/// Finds, builds or compiles the model, and starts it, unless the inputs are none for it.
pub(super) async fn model(
    given: Given,
    destination: &Destination,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Asked> {
    if let Some(url) = &settings.url {
        let certificates = settings.build.certificates.as_ref();
        let running = Running::elsewhere(url.clone(), certificates, console)?;
        return Ok(Asked { running, input: Input::Given(given), signature: None });
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
) -> anyhow::Result<Asked> {
    source::image_name(image)?;
    let engine = docker::connect().await?;
    let found = ModelImage::find(&engine, image, settings.progress).await?;
    let signature = found.signature()?;
    let input = check(given, signature.as_ref(), destination)?;
    let running =
        Running::container(&engine, found.container(&settings.env, settings.gpus.clone()), console).await?;
    Ok(Asked { running, input, signature })
}

async fn on_this_machine(
    given: Given,
    destination: &Destination,
    settings: &Settings,
    console: &Console,
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
    let running = Running::process(&launch, console)?;
    Ok(Asked { running, input, signature: Some(signature) })
}

async fn with_project(
    given: Given,
    destination: &Destination,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Asked> {
    let prepared = source::prepare(settings.build.clone()).await?;
    let model = prepared.compile(settings.progress.renderer().as_mut()).await?;
    let known = match &model {
        Some(model) => {
            Some(openapi::read(&model.schema).map_err(|fault| local::Error::BadSchema(fault.to_string()))?)
        }
        None => known_signature(&prepared.project, settings.setup_timeout).await?,
    };
    let checked = match &known {
        Some(signature) => check(given, Some(signature), destination)?,
        None => Input::Given(given),
    };
    let (engine, image) = source::build(&prepared, model, settings.progress).await?;
    let signature = known.or(image.signature()?);
    let input = match checked {
        Input::Given(given) => check(given, signature.as_ref(), destination)?,
        checked => checked,
    };
    let running =
        Running::container(&engine, image.container(&settings.env, settings.gpus.clone()), console).await?;
    Ok(Asked { running, input, signature })
}

/// What a model takes that an engine will compile, known by compiling it here first, before any engine is asked for
/// anything. `None` where this machine lacks what that needs: then it is known once the image is built.
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
