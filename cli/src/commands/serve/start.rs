//! From settings to a model that can be started, and from that to one that runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::Settings;
use crate::commands::source::{self, ModelImage, Native};
use crate::console::Console;
use crate::engine::Engine;
use crate::local::Launch;
use crate::model::Running;
use crate::project::Project;
use crate::weights::Mounts;

/// How long a binary may take to say what it is.
const SCHEMA: Duration = Duration::from_secs(30);

/// A model that is compiled or built, and what it reads.
#[derive(Debug)]
pub(super) struct Made {
    form: Form,
    mounts: Mounts,
}

#[derive(Debug)]
enum Form {
    /// For this machine.
    Native(Native),
    /// As an image.
    Image(Arc<dyn Engine>, ModelImage),
}

/// Compiles the model, builds its image or finds it. A project that is `known` is not read again.
pub(super) async fn made(settings: &Settings, known: Option<Project>) -> anyhow::Result<Made> {
    let project = || known.map_or_else(|| Project::load(&settings.build.directory), Ok);
    if settings.local {
        let project = project()?;
        let mounts = source::mounts_of(&project).await?;
        let native = Native::compile(&project, SCHEMA, settings.build.quiet).await?;
        return Ok(Made { form: Form::Native(native), mounts });
    }
    let (mounts, (engine, image)) = match &settings.image {
        Some(name) => (Mounts::default(), ModelImage::named(name, settings.progress).await?),
        None => {
            let prepared = source::prepare_of(project()?, settings.build.clone()).await?;
            let mounts = source::mounts(&prepared.project, prepared.weights.clone()).await?;
            (mounts, source::build(&prepared, None, settings.progress).await?)
        }
    };
    Ok(Made { form: Form::Image(engine, image), mounts })
}

impl Made {
    /// Starts it, to listen on `address`.
    pub(super) async fn start(
        self,
        settings: &Settings,
        address: SocketAddr,
        console: &Console,
    ) -> anyhow::Result<Running> {
        let Self { form, mounts } = self;
        let running = match &form {
            Form::Native(native) => {
                let env: Vec<String> =
                    mounts.variable().into_iter().chain(settings.env.iter().cloned()).collect();
                let launch = Launch {
                    binary: &native.binary.path,
                    directory: &native.directory,
                    address: address.ip(),
                    port: address.port(),
                    env: &env,
                };
                Running::process(&launch, console)?
            }
            Form::Image(engine, image) => {
                let mut spec = image.container(&settings.env, settings.gpus.clone());
                spec.host_address = Some(address.ip());
                spec.host_port = Some(address.port());
                spec.knows_host = settings.playground.is_some();
                spec.binds = mounts.binds();
                Running::container(engine, spec, console).await?
            }
        };
        Ok(running.with(mounts))
    }
}
