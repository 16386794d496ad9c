//! A model of `tests/predictors`, serving.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, prlimit};
use serde_json::{Value, json};

use crate::{Connection, Outcome, Reply, Running, free_port, processes, programs};

/// A model's server on a port of its own.
#[derive(Debug)]
pub struct Server {
    running: Running,
    port: u16,
}

impl Server {
    /// Starts the twin called `model` and waits until it is ready.
    pub fn of(model: &str) -> Self {
        Self::with(model, &[])
    }

    /// The same, with variables in its environment.
    pub fn with(model: &str, environment: &[(&str, &str)]) -> Self {
        let server = Self::started(model, environment);
        server.wait_for_health("READY");
        server
    }

    /// The same as [`of`](Self::of), for trainings in place of predictions.
    pub fn training(model: &str) -> Self {
        let port = free_port();
        let mut command = Self::command(model, port, &[]);
        command.args(["--x-mode", "train"]);
        let server = Self { running: Running::start(model.to_owned(), command, Vec::new(), false), port };
        server.wait_for_health("READY");
        server
    }

    /// Starts the twin and waits for nothing.
    pub fn started(model: &str, environment: &[(&str, &str)]) -> Self {
        let port = free_port();
        Self { running: Self::on_port(model, port, environment), port }
    }

    /// Starts the twin on a port that may be taken.
    pub fn on_port(model: &str, port: u16, environment: &[(&str, &str)]) -> Running {
        Running::start(model.to_owned(), Self::command(model, port, environment), Vec::new(), false)
    }

    /// Starts the twin in a directory, whose files may steer it, and waits until it is ready.
    pub fn within(model: &str, directory: &Path) -> Self {
        let port = free_port();
        let mut command = Self::command(model, port, &[]);
        command.current_dir(directory);
        let server = Self { running: Running::start(model.to_owned(), command, Vec::new(), false), port };
        server.wait_for_health("READY");
        server
    }

    fn command(model: &str, port: u16, environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new(programs::twin(model));
        command
            .env("PORT", port.to_string())
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The supervisor's process id.
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// The supervisor's children that live, one of which holds the model.
    pub fn workers(&self) -> Vec<u32> {
        let mut children = processes::children(self.id());
        children.retain(|child| processes::state(*child) != Some('Z'));
        children
    }

    /// The supervisor's children that are dead and not reaped.
    pub fn zombies(&self) -> Vec<u32> {
        let mut children = processes::children(self.id());
        children.retain(|child| processes::state(*child) == Some('Z'));
        children
    }

    /// Its resident memory, in bytes.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim_end_matches("kB").trim().parse::<u64>().map_or(0, |kibibytes| kibibytes << 10)
    }

    /// How many descriptors it has open.
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.id())).map_or(0, Iterator::count)
    }

    /// Lets it have at most so many descriptors from now on.
    pub fn limit_descriptors(&self, most: u64) {
        let limit = Rlimit { current: Some(most), maximum: getrlimit(Resource::Nofile).maximum };
        prlimit(Some(process(self.id())), Resource::Nofile, limit).expect("its limit can be changed");
    }

    /// For how long it has kept a processor busy.
    pub fn work(&self) -> Duration {
        processes::work(self.id())
    }

    /// A connection to it, with no word said.
    pub fn dial(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).expect("the server accepts connections")
    }

    /// A connection to it.
    pub fn connect(&self) -> Connection {
        Connection::open(self.port).expect("the server accepts connections")
    }

    /// Predicts synchronously on a connection of its own.
    pub fn predict(&self, input: &Value) -> Reply {
        let body = json!({ "input": input });
        self.connect().post("/predictions", &body).expect("a prediction is answered")
    }

    /// `GET path`.
    pub fn get(&self, path: &str) -> Reply {
        self.connect().get(path).expect("a request is answered")
    }

    /// The status that `/health-check` gives; `None` when it gives none.
    pub fn health(&self) -> Option<String> {
        let reply = Connection::open(self.port).ok()?.get("/health-check").ok()?;
        reply.json()["status"].as_str().map(str::to_owned)
    }

    /// Waits until `/health-check` gives this status.
    pub fn wait_for_health(&self, status: &str) {
        self.wait_until(&format!("its health is {status}"), || self.health().as_deref() == Some(status));
    }

    /// Waits until something is so; fails the test after half a minute.
    pub fn wait_until(&self, what: &str, mut so: impl FnMut() -> bool) {
        let patience = Instant::now() + Duration::from_secs(30);
        while !so() {
            assert!(Instant::now() < patience, "waited in vain until {what}; health: {:?}", self.health());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a signal to one of its processes.
    pub fn signal(process: u32, signal: Signal) {
        let _ = kill_process(self::process(process), signal);
    }

    /// Waits for its end.
    #[must_use = "say what should have come of it"]
    pub fn finish_within(self, limit: Duration) -> Outcome {
        self.running.finish_within(limit)
    }
}

fn process(id: u32) -> Pid {
    i32::try_from(id).ok().and_then(Pid::from_raw).expect("a process id is positive")
}
