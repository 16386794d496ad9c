//! Ctrl-C and SIGTERM.
//!
//! A command is a future; giving it up is dropping it. Everything that must not outlive it (containers, processes,
//! builds, half-written files) is held by something that cleans up when dropped, so there is no other code for the
//! end than this.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::Exit;

/// The signals that end this program.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

/// The signal that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    /// SIGINT.
    CtrlC,
    /// SIGTERM.
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
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for one of them.
    pub async fn received(&mut self) -> Interrupted {
        tokio::select! {
            _ = self.interrupt.recv() => Interrupted::CtrlC,
            _ = self.terminate.recv() => Interrupted::Terminated,
        }
    }
}
