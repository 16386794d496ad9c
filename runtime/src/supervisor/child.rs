//! The worker as a child process: starting it, talking to it, and its last words.
//!
//! Frames go both ways over a socket pair. The child leads a process group of its own, so that Ctrl-C in a terminal
//! reaches only the supervisor, and killing it takes along whatever the model started.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::os::unix::process::CommandExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::death::{Loss, OomCount, loss};
use super::descriptors;
use super::workers::Place;
use crate::command::Mode;
use crate::journal;
use crate::model::LogSource;
use crate::protocol::{Frames, FromWorker, ToWorker, encode};

/// What a worker does, as its dispatcher hears of it.
pub(super) enum WorkerEvent {
    /// It said something.
    Said(FromWorker),
    /// It is gone, and reaped; this is what it still had printed, and why it went.
    Gone { last_words: Vec<(LogSource, String)>, loss: Loss },
}

/// A running worker.
pub(super) struct Worker {
    outgoing: UnboundedSender<Vec<u8>>,
    group: Option<Pid>,
}

/// How long after its death a worker's last frames may take to arrive: only a process that it left behind with
/// a copy of the socket can make this matter.
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
        let (ours, theirs) = StdUnixStream::pair()?;
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
        crate::worker::hand_down(ours.as_fd(), [pipes[0].as_fd(), pipes[1].as_fd()])?;

        ours.set_nonblocking(true)?;
        let (incoming, writer) = UnixStream::from_std(ours)?.into_split();
        let (outgoing, frames) = unbounded_channel();
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(leader) = group {
            descriptors::restore(leader);
        }
        tokio::spawn(write(writer, frames));
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
        let _gone = self.outgoing.send(encode(message)?);
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

async fn write(mut socket: OwnedWriteHalf, mut frames: UnboundedReceiver<Vec<u8>>) {
    while let Some(frame) = frames.recv().await {
        if socket.write_all(&frame).await.is_err() {
            return;
        }
    }
}

/// Reports frames until the worker is dead and reaped.
async fn attend(
    mut socket: OwnedReadHalf,
    mut child: Child,
    group: Option<Pid>,
    report: &(impl Fn(WorkerEvent) + Sync),
) -> Option<ExitStatus> {
    let mut frames = Frames::default();
    loop {
        tokio::select! {
            biased;
            open = read(&mut socket, &mut frames, report) => if !open {
                break;
            },
            status = child.wait() => {
                let rest = async { while read(&mut socket, &mut frames, report).await {} };
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
async fn read(
    socket: &mut OwnedReadHalf,
    frames: &mut Frames,
    report: &(impl Fn(WorkerEvent) + Sync),
) -> bool {
    match socket.read_buf(frames.room()).await {
        Ok(0) | Err(_) => return false,
        Ok(_) => {}
    }
    while let Some(frame) = frames.next() {
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
