//! A model served by a process of this machine.

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Error;
use crate::console::Console;
use crate::group::Group;

/// How long a model may take to end when asked.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long to wait for the last of a log, once its writer is gone.
const LAST_WORDS: Duration = Duration::from_millis(500);

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
    // Goes first: the log ends with it.
    group: Group,
    _log: Log,
    path: PathBuf,
}

/// Passes a process's log on; waits a moment for its end when dropped.
#[derive(Debug)]
struct Log(Option<JoinHandle<()>>);

impl Process {
    /// Starts it. It does not answer yet. Its log goes to the standard error stream, by way of `console` where that has
    /// something to do about it.
    pub fn start(launch: &Launch<'_>, console: &Console) -> Result<Self, Error> {
        let path = launch.binary.to_owned();
        let failed = |source| Error::Start { path: path.clone(), source };
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
        let mut log = None;
        if console.wants_log() {
            let (reader, writer) = std::io::pipe().map_err(failed)?;
            command.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
            let console = console.clone();
            log = Some(std::thread::spawn(move || pass_on(reader, &console)));
        }
        let group = Group::start(&mut command, PATIENCE).map_err(failed)?;
        // The command holds its end of the pipe, without which the log would have no end.
        drop(command);
        Ok(Self { group, _log: Log(log), path })
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, Error> {
        self.group.child.try_wait().map_err(|source| Error::Start { path: self.path.clone(), source })
    }
}

fn pass_on(mut log: impl Read, console: &Console) {
    let mut chunk = [0; 8192];
    while let Ok(length @ 1..) = log.read(&mut chunk) {
        console.log(&chunk[..length]);
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let deadline = Instant::now() + LAST_WORDS;
        while self.0.as_ref().is_some_and(|log| !log.is_finished()) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
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
