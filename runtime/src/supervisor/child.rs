//! The worker as a child process: starting it, talking to it, and its last words.
//!
//! Frames go over a pair of pipes. The child leads a process group of its own, so that Ctrl-C in a terminal
//! reaches only the supervisor, and killing it takes along whatever the model started.

mod line;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::process::{Child, Command};

use super::death::{Loss, OomCount, loss};
use super::descriptors;
use super::workers::Place;
use crate::command::Mode;
use crate::journal;
use crate::model::LogSource;
use crate::protocol::{FromWorker, ToWorker, encode};
use crate::worker::{Inheritance, hand_down};
use line::{Incoming, Outgoing};

/// What a worker does, as its dispatcher hears of it.
pub(super) enum WorkerEvent {
    /// It said something.
    Said(FromWorker),
    /// It is gone, and reaped; this is what it still had printed, and why it went.
    Gone { last_words: Vec<(LogSource, String)>, loss: Loss },
}

/// A running worker.
pub(super) struct Worker {
    outgoing: Outgoing,
    group: Option<Pid>,
}

/// How long after its death a worker's last frames may take to arrive: only a process that it left behind with
/// a copy of its end of the pipe can make this matter.
const LAST_FRAMES: Duration = Duration::from_millis(200);
/// How long a worker that hung up may take to end.
const LAST_BREATH: Duration = Duration::from_secs(5);

impl Worker {
    /// Starts a worker on its place; `report` hears everything it does, its end last.
    pub(super) fn start(
        place: &Place,
        mode: Mode,
        report: impl Fn(WorkerEvent) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let (stdout, stdout_writer) = io::pipe()?;
        let (stderr, stderr_writer) = io::pipe()?;
        let pipes: [OwnedFd; 2] = [stdout.into(), stderr.into()];
        for pipe in &pipes {
            // The flag is the pipe end's, so it holds in the worker too.
            rustix::io::ioctl_fionbio(pipe, true)?;
        }
        let memory = OomCount::now();
        let mut command = std::process::Command::new(executable()?);
        command.args(["worker", mode.word()]).envs(place.environment()).process_group(0);
        if let Some(name) = std::env::args_os().next() {
            command.arg0(name);
        }
        command.stdin(Stdio::from(OwnedFd::from(theirs)));
        command.stdout(Stdio::from(OwnedFd::from(stdout_writer)));
        command.stderr(Stdio::from(OwnedFd::from(stderr_writer)));
        let mut command = Command::from(command);
        let child = command.kill_on_drop(true).spawn()?;
        // The command still holds the worker's ends of the pipes and of the socket.
        drop(command);
        let (orders_reader, orders) = io::pipe()?;
        let (reports, reports_writer) = io::pipe()?;
        let inheritance = Inheritance {
            stdout: pipes[0].as_fd(),
            stderr: pipes[1].as_fd(),
            orders: orders_reader.as_fd(),
            reports: reports_writer.as_fd(),
        };
        hand_down(ours.as_fd(), &inheritance)?;
        drop((ours, orders_reader, reports_writer));

        let (incoming, outgoing) = line::open(reports, orders)?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(leader) = group {
            descriptors::restore(leader);
        }
        tokio::spawn(async move {
            let status = attend(incoming, child, group, &report).await;
            let last_words = salvage(pipes);
            let text: String = last_words.iter().map(|(_, text)| text.as_str()).collect();
            report(WorkerEvent::Gone { last_words, loss: loss(status, memory, &text) });
        });
        Ok(Self { outgoing, group })
    }

    /// Sends a message. One that comes too late is lost with the worker, whose end is reported anyway.
    ///
    /// # Errors
    /// If the message is too large for a frame.
    pub(super) fn send(&self, message: &ToWorker) -> io::Result<()> {
        self.outgoing.send(encode(message)?);
        Ok(())
    }

    /// Its process id.
    pub(super) fn process(&self) -> Option<i32> {
        self.group.map(Pid::as_raw_pid)
    }

    /// Kills it, and everything it started.
    pub(super) fn kill(&self) {
        kill(self.group);
    }
}

fn kill(group: Option<Pid>) {
    if let Some(group) = group {
        // An error means that nobody is left to be killed.
        let _already_gone = rustix::process::kill_process_group(group, Signal::KILL);
    }
}

/// What to start: this very executable, even if its file has been replaced since.
fn executable() -> io::Result<std::path::PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// Reports frames until the worker is dead and reaped.
async fn attend(
    mut line: Incoming,
    mut child: Child,
    group: Option<Pid>,
    report: &(impl Fn(WorkerEvent) + Sync),
) -> Option<ExitStatus> {
    loop {
        tokio::select! {
            biased;
            open = read(&mut line, report) => if !open {
                break;
            },
            status = child.wait() => {
                let rest = async { while read(&mut line, report).await {} };
                let _left_open = tokio::time::timeout(LAST_FRAMES, rest).await;
                kill(group);
                return status.ok();
            }
        }
    }
    let status = tokio::time::timeout(LAST_BREATH, child.wait()).await;
    kill(group);
    match status {
        Ok(status) => status.ok(),
        Err(_) => child.wait().await.ok(),
    }
}

/// Reads once and reports what is complete; false when there is no more to come.
async fn read(line: &mut Incoming, report: &(impl Fn(WorkerEvent) + Sync)) -> bool {
    if !line.more().await {
        return false;
    }
    while let Some(frame) = line.next() {
        match serde_json::from_slice(frame) {
            Ok(message) => report(WorkerEvent::Said(message)),
            Err(error) => {
                journal::error(&format!("the worker sent a message that cannot be read: {error}"));
                return false;
            }
        }
    }
    true
}

fn salvage([stdout, stderr]: [OwnedFd; 2]) -> Vec<(LogSource, String)> {
    let mut words = Vec::new();
    if let Ok(mut pipes) = crate::worker::Pipes::new(stdout, stderr) {
        pipes.drain(|source, text| words.push((source, text)));
        pipes.finish(|source, text| words.push((source, text)));
    }
    words
}
