//! Who said it: gives text printed by the model to the prediction it belongs to.
//!
//! Prints are captured at the descriptors, so those of C libraries and child processes count. What a descriptor
//! cannot say is which of several concurrent predictions wrote; then the text belongs to none, and
//! `Prediction::log` is the way to be heard. Text between predictions (a thread left behind) belongs to none either.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};

use super::outlet::Outlet;
use super::pipes::Pipes;
use crate::model::LogSource;
use crate::protocol::FromWorker;

/// How long live text waits to be forwarded.
const PAUSE: Duration = Duration::from_millis(2);

pub(super) struct Capture {
    state: Mutex<State>,
    outlet: Arc<Outlet>,
}

struct State {
    pipes: Pipes,
    active: Vec<u64>,
    /// How many predictions have begun.
    begun: u64,
}

impl Capture {
    pub(super) fn new(pipes: Pipes, outlet: Arc<Outlet>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State { pipes, active: Vec::new(), begun: 0 }), outlet })
    }

    /// Forwards text as it is printed, on a thread of its own, so that logs are live and a full pipe never stops
    /// the model.
    pub(super) fn watch(self: &Arc<Self>) -> std::io::Result<()> {
        let bell = self.lock().pipes.bell()?;
        let capture = Arc::clone(self);
        std::thread::Builder::new().name("logs".into()).spawn(move || {
            let mut ring = [PollFd::new(&bell, PollFlags::IN)];
            let mut begun = 0;
            loop {
                let before = std::mem::replace(&mut begun, capture.lock().begun);
                // While one short prediction follows the other, each would ring for nothing.
                if begun == before {
                    match rustix::event::poll(&mut ring, None) {
                        Ok(_) | Err(rustix::io::Errno::INTR) => {}
                        Err(_) => return,
                    }
                }
                // Not at once: text that a process prints right before it crashes must still be in the pipe then,
                // where the supervisor finds it, and not on its way from here to the socket. Short predictions
                // hand over their text themselves, and should not have to pay for waking this thread each time.
                std::thread::sleep(PAUSE);
                capture.lock().drain(&capture.outlet);
                capture.outlet.flush();
            }
        })?;
        Ok(())
    }

    /// From here on text belongs to `run`, if it is the only one.
    pub(super) fn enter(&self, run: u64) {
        let mut state = self.lock();
        state.drain(&self.outlet);
        self.outlet.flush();
        state.active.push(run);
        state.begun += 1;
    }

    /// Hands over the last text of `run`, a line without an end included; it goes with the next message.
    pub(super) fn leave(&self, run: u64) {
        flush();
        let mut state = self.lock();
        state.drain(&self.outlet);
        state.finish(&self.outlet);
        state.active.retain(|active| *active != run);
    }

    /// Hands over everything printed so far; it goes with the next message.
    pub(super) fn settle(&self) {
        flush();
        self.lock().drain(&self.outlet);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn drain(&mut self, outlet: &Outlet) {
        let run = self.owner();
        self.pipes.drain(|source, text| say(outlet, run, source, text));
    }

    fn finish(&mut self, outlet: &Outlet) {
        let run = self.owner();
        self.pipes.finish(|source, text| say(outlet, run, source, text));
    }

    fn owner(&self) -> Option<u64> {
        match self.active[..] {
            [run] => Some(run),
            _ => None,
        }
    }
}

fn say(outlet: &Outlet, run: Option<u64>, source: LogSource, text: String) {
    outlet.hold(&FromWorker::Log { run, source, text });
}

/// Pushes out what Rust and C hold back. Never under the lock: a full pipe is emptied by whoever has it.
fn flush() {
    let _nobody_reads = std::io::stdout().flush();
    #[expect(unsafe_code, reason = "C's buffers can only be flushed by C")]
    // SAFETY: a null stream means all streams; no pointer of ours is involved.
    unsafe {
        libc::fflush(std::ptr::null_mut());
    }
}
