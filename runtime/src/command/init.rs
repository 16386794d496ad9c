//! The first process of a container: passes signals on and reaps what nobody else does, so that images need no
//! other init.

use std::io;
use std::process::ExitCode;

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Whether this is the first process.
pub(super) fn is_needed() -> bool {
    rustix::process::getpid().is_init()
}

/// Starts the server as a child, and ends as it ends.
pub(super) fn start() -> ExitCode {
    match tokio::runtime::Builder::new_current_thread().enable_all().build().map(|it| it.block_on(watch())) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) | Err(error) => {
            super::complain(&format!("the server could not be started: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn watch() -> io::Result<u8> {
    let mut died = signal(SignalKind::child())?;
    let (sender, mut signals) = mpsc::unbounded_channel();
    let passed_on = [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT, Signal::USR1, Signal::USR2];
    for passed in passed_on {
        let mut received = signal(SignalKind::from_raw(passed.as_raw()))?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while received.recv().await.is_some() {
                let _ending = sender.send(passed);
            }
        });
    }
    let child =
        std::process::Command::new(std::env::current_exe()?).args(std::env::args_os().skip(1)).spawn()?;
    let child = Pid::from_raw(child.id().cast_signed()).ok_or(io::ErrorKind::NotFound)?;
    loop {
        tokio::select! {
            _ = died.recv() => if let Some(status) = reap(child)? {
                return Ok(status);
            },
            Some(received) = signals.recv() => {
                // Gone already: then its end is the next thing to be heard.
                let _gone = kill_process(child, received);
            }
        }
    }
}

/// Reaps everything that ended; the exit code of the server, if it did.
fn reap(server: Pid) -> io::Result<Option<u8>> {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) if pid == server => return Ok(Some(exit_code(status))),
            Ok(Some(_)) => {}
            Ok(None) | Err(rustix::io::Errno::CHILD) => return Ok(None),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// As shells have it: 128 and the signal's number for a process that a signal ended.
fn exit_code(status: WaitStatus) -> u8 {
    let code = match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => code,
        (None, Some(signal)) => 128 + signal,
        (None, None) => 1,
    };
    u8::try_from(code).unwrap_or(1)
}
