//! The signals that end the server.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    terminate_ignored: bool,
}

impl Signals {
    pub(super) fn new(terminate_ignored: bool) -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate_ignored,
        })
    }

    /// Waits for a signal to stop, and gives its name.
    pub(super) async fn next(&mut self) -> &'static str {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => if !self.terminate_ignored {
                    return "SIGTERM";
                },
                _ = self.interrupt.recv() => return "SIGINT",
            }
        }
    }
}
