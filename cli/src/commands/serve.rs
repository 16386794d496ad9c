//! `cog serve`: a model over HTTP until Ctrl-C.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::time::Duration;

use super::source::{self, ModelImage, Native};
use crate::build;
use crate::engine::{Gpus, docker};
use crate::local::Launch;
use crate::model::Running;
use crate::progress::Mode;
use crate::project::Project;

/// How long a binary may take to say what it is.
const SCHEMA: Duration = Duration::from_secs(30);

/// What `cog serve` was asked.
#[derive(Debug)]
pub struct Settings {
    /// The image to serve, if not the project's.
    pub image: Option<String>,
    /// Which project, and how to build it.
    pub build: build::Settings,
    /// `--progress`.
    pub progress: Mode,
    /// `--local`.
    pub local: bool,
    /// `--host`.
    pub address: IpAddr,
    /// `--port`.
    pub port: u16,
    /// `-e`s.
    pub env: Vec<String>,
    /// `--gpus`.
    pub gpus: Option<Gpus>,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The model ended.
    #[error("the model ended{0}")]
    Ended(String),
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Address { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
                Some("something else listens there: choose another port with `--port`".to_owned())
            }
            _ => None,
        }
    }
}

/// Serves until the model ends, which is a failure, or the future is dropped.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    if let Some(image) = &settings.image {
        source::image_name(image)?;
    }
    // Told before anything is built.
    let address = SocketAddr::new(settings.address, settings.port);
    let free = TcpListener::bind(address).map_err(|source| Error::Address { address, source })?;
    let port = free.local_addr().map_or(settings.port, |address| address.port());
    drop(free);

    let mut running = start(&settings, port).await?;
    let host = match settings.address {
        address if address.is_loopback() || address.is_unspecified() => "localhost".to_owned(),
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    writeln!(io::stderr(), "Serving at http://{host}:{port}\nPress Ctrl-C to stop.")?;
    let how = running.end().await?;
    Err(Error::Ended(how).into())
}

async fn start(settings: &Settings, port: u16) -> anyhow::Result<Running> {
    if settings.local {
        let project = Project::load(&settings.build.directory)?;
        let native = Native::compile(&project, SCHEMA).await?;
        return Running::process(&Launch {
            binary: &native.binary,
            directory: &native.directory,
            address: settings.address,
            port,
            env: &settings.env,
        });
    }
    let (engine, image) = match &settings.image {
        Some(name) => {
            let engine = docker::connect().await?;
            let image = ModelImage::find(&engine, name, settings.progress).await?;
            (engine, image)
        }
        None => source::build(settings.build.clone(), settings.progress).await?,
    };
    let mut spec = image.container(&settings.env, settings.gpus.clone());
    spec.host_address = Some(settings.address);
    spec.host_port = Some(port);
    Running::container(&engine, spec).await
}
