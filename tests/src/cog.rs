//! A run of the `cog` program, described before it starts.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{Outcome, Running, Terminal, processes, programs};

/// A command line of `cog`: where it runs and what surrounds it.
///
/// It runs in a process group of its own, as a command typed into a terminal does, with no terminal attached.
#[derive(Debug)]
#[must_use = "nothing runs before `run` or `start`"]
pub struct Cog {
    arguments: Vec<OsString>,
    directory: PathBuf,
    environment: Vec<(OsString, OsString)>,
    stdin: Vec<u8>,
    stdin_stays_open: bool,
    limit: Duration,
}

/// `cog` with these arguments.
pub fn cog<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Cog {
    Cog {
        arguments: arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect(),
        directory: std::env::temp_dir(),
        environment: Vec::new(),
        stdin: Vec::new(),
        stdin_stays_open: false,
        limit: Duration::from_secs(900),
    }
}

impl Cog {
    /// Runs in `directory`.
    pub fn within(mut self, directory: impl AsRef<Path>) -> Self {
        directory.as_ref().clone_into(&mut self.directory);
        self
    }

    /// Adds one argument, of any bytes.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// Adds `-i name=value`.
    pub fn input(self, assignment: impl AsRef<OsStr>) -> Self {
        self.arg("-i").arg(assignment)
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Leaves it without a container engine.
    pub fn without_docker(self) -> Self {
        self.env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    }

    /// What it reads from its standard input.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Gives it a standard input that does not end, as a terminal's does not.
    pub fn stdin_stays_open(mut self) -> Self {
        self.stdin_stays_open = true;
        self
    }

    /// Fails the test when it runs for longer; a quarter of an hour unless told.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs to the end.
    #[must_use = "say what should have come of it"]
    pub fn run(self) -> Outcome {
        let limit = self.limit;
        self.start().finish_within(limit)
    }

    /// Starts, and leaves it running.
    pub fn start(self) -> Running {
        let mut command = self.command();
        command.env("NO_COLOR", "1").envs(self.environment.clone());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running::start(self.line(), command, self.stdin, self.stdin_stays_open)
    }

    /// Starts on a terminal of its own, of so many columns and rows.
    pub fn on_a_terminal(self, size: (u16, u16)) -> Terminal {
        let mut command = self.command();
        command.env("TERM", "xterm-256color").env_remove("NO_COLOR").env_remove("CI");
        command.envs(self.environment.clone());
        Terminal::start(self.line(), processes::new_mark(), command, size)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(programs::cog());
        command
            .args(&self.arguments)
            .current_dir(&self.directory)
            .env("CARGO_TARGET_DIR", programs::cargo_target())
            .env("COG_CACHE_DIR", programs::cache())
            // Compiling well takes three times as long.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", programs::OPTIMISATION)
            .env_remove("RUST_BACKTRACE")
            // What cargo tells a test about itself is none of a project's business.
            .env_remove("CARGO_MANIFEST_DIR")
            .env_remove("RUSTUP_TOOLCHAIN");
        command
    }

    fn line(&self) -> String {
        self.arguments.iter().fold(String::from("cog"), |line, argument| {
            let argument = argument.to_string_lossy();
            let shown: String = argument.chars().take(100).collect();
            format!("{line} {shown}")
        })
    }
}
