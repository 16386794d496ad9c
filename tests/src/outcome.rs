//! What came of a run, and what a test may say about it.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{docker, processes};

/// A run that has ended.
#[derive(Debug)]
pub struct Outcome {
    line: String,
    mark: String,
    id: u32,
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Outcome {
    pub(crate) fn new(
        line: String,
        mark: String,
        id: u32,
        status: ExitStatus,
        stdout: Vec<u8>,
        stderr: Vec<u8>,
    ) -> Self {
        Self { line, mark, id, status, stdout, stderr }
    }

    /// It exited with 0.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.exits(0)
    }

    /// It exited with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "exit code of {self}");
        self
    }

    /// It ended because of this signal: with the code that a shell would give, or by the signal itself.
    #[track_caller]
    pub fn ends_by_signal(self, signal: i32) -> Self {
        let ended = self.status.code() == Some(128 + signal) || self.status.signal() == Some(signal);
        assert!(ended, "signal {signal} should have ended {self}");
        self
    }

    /// Its messages contain `text`.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.messages().contains(text), "{text:?} should be among the messages of {self}");
        self
    }

    /// Its messages contain at least one of these.
    #[track_caller]
    pub fn says_any(self, texts: &[&str]) -> Self {
        let messages = self.messages();
        assert!(
            texts.iter().any(|text| messages.contains(text)),
            "one of {texts:?} should be said by {self}"
        );
        self
    }

    /// Its messages do not contain `text`.
    #[track_caller]
    pub fn does_not_say(self, text: &str) -> Self {
        assert!(!self.messages().contains(text), "{text:?} should not be among the messages of {self}");
        self
    }

    /// It said one thing that went wrong, in a few lines, and did not fall over.
    #[track_caller]
    pub fn says_one_thing(self) -> Self {
        let messages = self.messages();
        assert!(!messages.contains("panicked at"), "a panic is no message: {self}");
        assert!(
            !messages.contains("Error {") && !messages.contains("Err("),
            "debug output is no message: {self}"
        );
        let faults = messages.lines().filter(|line| line.trim_start().starts_with("error")).count();
        assert_eq!(faults, 1, "one fault should be reported once by {self}");
        self
    }

    /// Its standard output is exactly this, but for the newline at the end.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        let stdout = self.output();
        assert_eq!(stdout.strip_suffix('\n').unwrap_or(&stdout), text, "standard output of {self}");
        self
    }

    /// No container, and no process, of this run is left.
    #[track_caller]
    pub fn leaves_nothing_running(self) -> Self {
        // The kernel may still be clearing away what was killed.
        let patience = Instant::now() + Duration::from_secs(5);
        while Instant::now() < patience && !processes::marked(&self.mark).is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let processes = processes::marked(&self.mark);
        assert!(processes.is_empty(), "processes left behind: {processes:?} by {self}");
        let containers = docker::containers_of(self.id);
        assert!(containers.is_empty(), "containers left behind: {containers:?} by {self}");
        self
    }

    /// Its messages.
    pub fn messages(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Its standard output.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Its standard output, read as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self}"))
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (stdout, stderr) = (self.output(), self.messages());
        let Self { line, status, .. } = self;
        write!(f, "`{line}` ({status})\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}
