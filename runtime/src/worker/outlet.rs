//! The way out to the supervisor, shared by every thread of the worker.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use crate::protocol::{FromWorker, encode};

pub(super) struct Outlet(Mutex<UnixStream>);

impl Outlet {
    pub(super) fn new(socket: UnixStream) -> Self {
        Self(Mutex::new(socket))
    }

    /// Sends a message, waiting while the supervisor is behind. A failure means that the supervisor is gone, and
    /// then the reader thread is about to end this process.
    pub(super) fn send(&self, message: &FromWorker) {
        match encode(message) {
            Ok(frame) => {
                let mut socket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                let _gone = socket.write_all(&frame);
            }
            Err(error) => crate::command::complain(&format!("a message could not be sent: {error}")),
        }
    }
}
