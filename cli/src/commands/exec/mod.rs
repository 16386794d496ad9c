//! `cog exec`: a command in the project's image, with the project in its place.
//!
//! Owns what the container sees. Its streams are [`stream`]'s business.

mod stream;
mod terminal;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use stream::Ended;

use super::source::{self, ModelImage};
use crate::build;
use crate::console::Console;
use crate::engine::{self, Attachment, Bind, Container, ContainerSpec, Engine, Gpus};
use crate::failure;
use crate::interrupt::Signals;
use crate::progress::Mode;
use crate::project::Project;

/// Where the project lies in the container.
const PROJECT: &str = "/src";

/// What `cog exec` was asked.
#[derive(Debug)]
pub struct Settings {
    /// Which project, and how to build it.
    pub build: build::Settings,
    /// `--progress`.
    pub progress: Mode,
    /// The image to run in, if not the project's.
    pub image: Option<String>,
    /// `-p`s.
    pub publish: Vec<SocketAddr>,
    /// `-e`s.
    pub env: Vec<String>,
    /// `-v`s.
    pub volumes: Vec<Bind>,
    /// `--gpus`.
    pub gpus: Option<Gpus>,
    /// The command and its arguments.
    pub command: Vec<String>,
}

/// Why the command did not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The image has no such program.
    #[error("image `{image}` has no command `{command}`")]
    NoCommand {
        /// The image.
        image: String,
        /// What was to be run.
        command: String,
    },
    /// Somebody else removed its container.
    #[error("the command's container was removed before its end")]
    Removed,
    /// A terminal's settings cannot be changed.
    #[error("cannot hand the terminal over: {0}")]
    Terminal(#[source] std::io::Error),
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoCommand { .. } => Some(
                "`build.system_packages` in cog.yaml adds what Debian has; the image of a model that needs none holds \
                 the model and nothing else"
                    .to_owned(),
            ),
            Self::Removed | Self::Terminal(_) => None,
        }
    }
}

/// Runs the command until it ends. Its exit code is the program's.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let console = Console::new(settings.progress == Mode::Quiet);
    let begun = Signals::listen()?.or(begin(&settings, &console)).await;
    let ((engine, container, attached), signals) = match begun {
        Ok((begun, signals)) => (begun?, signals),
        Err(signal) => {
            failure::interrupted(signal);
            return Ok(signal.exit().into());
        }
    };
    match stream::through(&engine, &container, attached, signals).await? {
        Ended::ByItself => {}
        Ended::ByDemand(signal) => return Ok(signal.exit().into()),
    }
    let code = container.state().await?.exit_code.ok_or(Error::Removed)?;
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Starts the command.
async fn begin(
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<(Arc<dyn Engine>, Container, engine::Attached)> {
    let (project, (engine, image)) = match &settings.image {
        Some(name) => {
            source::image_name(name)?;
            let project = Project::load(&settings.build.directory).ok();
            (project, ModelImage::named(name, settings.progress).await?)
        }
        None => {
            let prepared = source::prepare(settings.build.clone()).await?;
            let built = source::build(&prepared, None, settings.progress).await?;
            (Some(prepared.project), built)
        }
    };
    let spec = specification(settings, project.as_ref(), &image);
    let name = spec.image.clone();
    let (container, attached) = start(&engine, spec, &settings.command, &name).await?;
    if container.gpus_dropped() {
        console.say("warning: Docker has no GPU driver; the command runs without GPUs");
    }
    Ok((engine, container, attached))
}

/// The container: whoever calls, in the project's directory, on the terminal if there is one.
fn specification(settings: &Settings, project: Option<&Project>, image: &ModelImage) -> ContainerSpec {
    let attachment =
        if terminal::is_here() { Attachment::Terminal { size: terminal::size() } } else { Attachment::Pipes };
    // Files that it makes in the project belong to whoever called.
    let user = format!("{}:{}", rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
    let mut env = vec!["HOME=/tmp".to_owned()];
    if attachment != Attachment::Pipes {
        let kind = std::env::var("TERM").unwrap_or_else(|_| "xterm".to_owned());
        env.push(format!("TERM={kind}"));
    }
    env.extend(settings.env.iter().cloned());
    let mut binds: Vec<Bind> = project
        .map(|project| Bind {
            source: project.directory.clone(),
            target: PROJECT.to_owned(),
            read_only: false,
        })
        .into_iter()
        .collect();
    binds.extend(settings.volumes.iter().cloned());
    ContainerSpec {
        command: Some(settings.command.clone()),
        user: Some(user),
        directory: Some(PROJECT.to_owned()),
        attachment: Some(attachment),
        published: settings.publish.clone(),
        binds,
        ..image.container(&env, settings.gpus.clone())
    }
}

async fn start(
    engine: &Arc<dyn Engine>,
    spec: ContainerSpec,
    command: &[String],
    image: &str,
) -> anyhow::Result<(Container, engine::Attached)> {
    let unattached = || engine::Error::Engine { reason: "no streams to be had".to_owned() };
    match Container::start_attached(engine, spec).await {
        Ok((container, attached)) => Ok((container, attached.ok_or_else(unattached)?)),
        Err(engine::Error::NoCommand { .. }) => {
            let command = command.first().cloned().unwrap_or_default();
            Err(Error::NoCommand { image: image.to_owned(), command }.into())
        }
        Err(error) => Err(error.into()),
    }
}
