//! `cog serve`: a model over HTTP until Ctrl-C.

mod start;
mod watch;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;

use super::source;
use crate::build;
use crate::console::Console;
use crate::engine::{self, Gpus};
use crate::playground::{self, Playground};
use crate::progress::Mode;

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
    /// The port of the playground, if there is to be one.
    pub playground: Option<u16>,
    /// `--watch`.
    pub watch: bool,
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
    /// Two things cannot listen in one place.
    #[error("the playground's port {0} has to be another than the model's")]
    SamePort(u16),
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
            Self::SamePort(_) => Some("choose another with `--playground-port`, or with `--port`".to_owned()),
            _ => None,
        }
    }
}

/// Serves until the model ends, which is a failure, or the future is dropped.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    if let Some(image) = &settings.image {
        source::image_name(image)?;
    }
    let console = Console::new(settings.progress == Mode::Quiet);
    let address = SocketAddr::new(settings.address, settings.port);
    // Told before anything is built.
    let free = TcpListener::bind(address).map_err(|source| Error::Address { address, source })?;
    let address = free.local_addr().unwrap_or(address);
    drop(free);

    let url = shown(address);
    let playground = playground(&settings, &url, address.port()).await?;
    let beside = async {
        match playground {
            Some(playground) => {
                console.say(&format!("Playground at {}", playground.url()));
                playground.serve().await
            }
            None => std::future::pending().await,
        }
    };
    let model = async {
        if settings.watch {
            return watch::run(&settings, address, &console).await;
        }
        let model = start::made(&settings, None).await?;
        let mut running = model.start(&settings, address, &console).await?;
        console.say(&format!("Serving at {url}\nPress Ctrl-C to stop."));
        let how = running.end().await?;
        Err(Error::Ended(how).into())
    };
    tokio::select! {
        outcome = model => outcome,
        never = beside => match never {},
    }
}

/// The playground, listening already, so that a port that is taken is told before anything is built.
async fn playground(settings: &Settings, target: &str, port: u16) -> anyhow::Result<Option<Playground>> {
    let Some(asked) = settings.playground else { return Ok(None) };
    // Webhooks come from inside a container by the network between containers; from a process, by the loopback one.
    let (address, webhook_host) = if settings.local {
        (Ipv4Addr::LOCALHOST, "127.0.0.1")
    } else {
        (Ipv4Addr::UNSPECIFIED, engine::HOST)
    };
    if asked == port {
        return Err(Error::SamePort(port).into());
    }
    let playground = Playground::listen(playground::Settings {
        address: SocketAddr::new(address.into(), asked),
        target: target.to_owned(),
        webhook_host: webhook_host.to_owned(),
    });
    Ok(Some(playground.await?))
}

/// Where to go with a browser.
fn shown(address: SocketAddr) -> String {
    let host = match address.ip() {
        ip if ip.is_loopback() || ip.is_unspecified() => "localhost".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    format!("http://{host}:{}", address.port())
}
