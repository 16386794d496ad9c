//! The way out to the supervisor, shared by every thread of the worker.

use std::io::{PipeWriter, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::command::complain;
use crate::protocol::{FromWorker, encode};

pub(super) struct Outlet(Mutex<State>);

struct State {
    reports: PipeWriter,
    /// Frames that go out with the next one: the last text, the output and the end of a short prediction then
    /// wake the supervisor once.
    held: Vec<u8>,
}

impl Outlet {
    pub(super) fn new(reports: PipeWriter) -> Self {
        Self(Mutex::new(State { reports, held: Vec::new() }))
    }

    /// Sends a message after what was held, waiting while the supervisor is behind.
    pub(super) fn send(&self, message: &FromWorker) {
        let Some(frame) = framed(message) else { return };
        let mut state = self.lock();
        if state.held.is_empty() {
            state.write(&frame);
        } else {
            state.held.extend_from_slice(&frame);
            state.flush();
        }
    }

    /// Sends a message together with the next one.
    pub(super) fn hold(&self, message: &FromWorker) {
        if let Some(frame) = framed(message) {
            self.lock().held.extend_from_slice(&frame);
        }
    }

    /// Sends what was held.
    pub(super) fn flush(&self) {
        self.lock().flush();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn flush(&mut self) {
        if !self.held.is_empty() {
            let held = std::mem::take(&mut self.held);
            self.write(&held);
        }
    }

    /// A failure means that the supervisor is gone, and then the reader thread is about to end this process.
    fn write(&mut self, frames: &[u8]) {
        let _gone = self.reports.write_all(frames);
    }
}

fn framed(message: &FromWorker) -> Option<Vec<u8>> {
    encode(message).map_err(|error| complain(&format!("a message could not be sent: {error}"))).ok()
}
