//! A model served by a process of this machine.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use super::{Error, group::Group};

/// How long a model may take to end when asked.
const PATIENCE: Duration = Duration::from_secs(3);

/// How to serve a model.
#[derive(Debug)]
pub struct Launch<'a> {
    /// The binary.
    pub binary: &'a Path,
    /// Where it finds its files.
    pub directory: &'a Path,
    /// Where it listens.
    pub address: IpAddr,
    /// The port there.
    pub port: u16,
    /// `NAME=value`s on top of this program's own environment.
    pub env: &'a [String],
}

/// A served model; gone when this is.
#[derive(Debug)]
pub struct Process {
    group: Group,
    path: PathBuf,
}

impl Process {
    /// Starts it. It does not answer yet.
    pub fn start(launch: &Launch<'_>) -> Result<Self, Error> {
        let mut command = Command::new(launch.binary);
        command
            .arg("serve")
            .arg("--host")
            .arg(host(launch.address))
            .current_dir(launch.directory)
            .env("LOG_FORMAT", "console")
            .env("COG_LOG_LEVEL", std::env::var_os("COG_LOG_LEVEL").unwrap_or_else(|| "warning".into()))
            .envs(launch.env.iter().filter_map(|variable| variable.split_once('=')))
            .env("PORT", launch.port.to_string())
            .stdin(Stdio::null())
            // The standard output is for the answer.
            .stdout(std::io::stderr());
        let path = launch.binary.to_owned();
        match Group::start(&mut command, PATIENCE) {
            Ok(group) => Ok(Self { group, path }),
            Err(source) => Err(Error::Start { path, source }),
        }
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, Error> {
        self.group.child.try_wait().map_err(|source| Error::Start { path: self.path.clone(), source })
    }
}

fn host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// Where a model is served when nobody else is meant to see it.
pub const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
