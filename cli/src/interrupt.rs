//! Ctrl-C, SIGTERM, and the terminal that is closed.
//!
//! A command is a future; giving it up is dropping it. Everything that must not outlive it (containers, processes,
//! builds, half-written files) is held by something that cleans up when dropped, so there is no other code for the
//! end than this. Who asks a second time does not want to wait for that.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::Exit;

/// The signals that end this program.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    quit: Signal,
    /// Unless whoever started this program wants it to stay (`nohup`).
    hangup: Option<Signal>,
}

/// The signal that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    /// SIGINT.
    CtrlC,
    /// SIGTERM, SIGQUIT, or SIGHUP of a terminal that was closed.
    Terminated,
}

impl Interrupted {
    /// Its name as engines have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CtrlC => "INT",
            Self::Terminated => "TERM",
        }
    }

    /// What a shell expects of a program that a signal ended.
    pub fn exit(self) -> Exit {
        match self {
            Self::CtrlC => Exit::Interrupted,
            Self::Terminated => Exit::Terminated,
        }
    }
}

impl Signals {
    /// Begins to listen; from now on the signals no longer end the process by themselves.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            quit: signal(SignalKind::quit())?,
            hangup: if stays() { None } else { Some(signal(SignalKind::hangup())?) },
        })
    }

    /// What `work` comes to, unless one of them comes first: then it is given up. A second one ends the process while that
    /// takes its time, as where an engine has stopped answering.
    ///
    /// # Errors
    /// The signal that came.
    pub async fn or<T>(mut self, work: impl Future<Output = T>) -> Result<(T, Self), Interrupted> {
        let mut work = Box::pin(work);
        let first = tokio::select! {
            biased;
            signal = self.received() => signal,
            outcome = &mut work => return Ok((outcome, self)),
        };
        self.end_at_next();
        // Here everything that it held goes.
        drop(work);
        Err(first)
    }

    /// Has the next one end the process, whatever it is at.
    pub fn end_at_next(mut self) {
        // Of a terminal that is closed, system and shell tell at once: no second word.
        self.hangup = None;
        tokio::spawn(async move {
            let next = self.received().await;
            std::process::exit(i32::from(next.exit().code()));
        });
    }

    /// Waits for one of them.
    pub async fn received(&mut self) -> Interrupted {
        let hangup = self.hangup.as_mut();
        tokio::select! {
            _ = self.interrupt.recv() => Interrupted::CtrlC,
            _ = self.terminate.recv() => Interrupted::Terminated,
            _ = self.quit.recv() => Interrupted::Terminated,
            Some(_) = async { hangup?.recv().await } => Interrupted::Terminated,
        }
    }
}

/// Whether this program was started to outlive its terminal: with SIGHUP ignored.
fn stays() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 == 1)
}
