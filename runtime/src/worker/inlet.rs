//! The way in from the supervisor, and whose turn it is to read.
//!
//! A thread of its own reads, because a prediction may be cancelled, or the supervisor be gone, while main runs the
//! model. But where main alone makes the predictions, it reads whenever it has nothing else to do: then a short one
//! is made by the very thread that hears of it. The reader sees to it that nothing stays unread while a long one runs.

use std::io::PipeReader;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::inheritance;
use crate::command::complain;
use crate::protocol::{Frames, ToWorker};

/// How long main may run something before the reader looks for what the supervisor says meanwhile.
const SHORT: Duration = Duration::from_millis(2);

pub(super) struct Inlet {
    state: Mutex<State>,
    /// Main may read.
    free: Condvar,
    /// Main does something, after a while without.
    stirred: Condvar,
}

struct State {
    /// Here while nobody reads.
    messages: Option<Messages>,
    /// Whether main does something.
    busy: bool,
    /// How often it has begun to.
    begun: u64,
    /// Whether the reader waits until main does something.
    asleep: bool,
}

/// The messages; whoever has them reads.
pub(super) struct Messages {
    orders: PipeReader,
    frames: Frames,
}

impl Messages {
    /// Waits for messages and hands them over. Ends the process when the supervisor is gone: whatever the model
    /// is doing then, nobody waits for it.
    pub(super) fn read(&mut self, hear: impl Fn(ToWorker)) {
        let Ok(true) = self.frames.fill(&self.orders) else { inheritance::leave() };
        while let Some(frame) = self.frames.next() {
            match serde_json::from_slice(frame) {
                Ok(message) => hear(message),
                Err(error) => complain(&format!("the worker got a message it does not know: {error}")),
            }
        }
    }
}

impl Inlet {
    /// An inlet where main is busy, with setup, and the reader reads.
    pub(super) fn new() -> Self {
        let state = State { messages: None, busy: true, begun: 0, asleep: false };
        Self { state: Mutex::new(state), free: Condvar::new(), stirred: Condvar::new() }
    }

    /// Main begins something.
    pub(super) fn busy(&self) {
        let mut state = self.lock();
        state.busy = true;
        state.begun += 1;
        let asleep = std::mem::take(&mut state.asleep);
        drop(state);
        if asleep {
            self.stirred.notify_one();
        }
    }

    /// Main has done it.
    pub(super) fn idle(&self) {
        self.lock().busy = false;
    }

    /// Waits until main may read: the reader steps back once it has heard something while main was idle.
    pub(super) fn turn(&self) -> Messages {
        let mut state = self.lock();
        loop {
            match state.messages.take() {
                Some(messages) => return messages,
                None => state = self.free.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Main has read.
    pub(super) fn put(&self, messages: Messages) {
        self.lock().messages = Some(messages);
    }

    /// Starts the reader.
    pub(super) fn watch(
        self: &Arc<Self>,
        orders: PipeReader,
        hear: impl Fn(ToWorker) + Send + 'static,
    ) -> std::io::Result<()> {
        let messages = Messages { orders, frames: Frames::default() };
        let inlet = Arc::clone(self);
        std::thread::Builder::new().name("reader".into()).spawn(move || inlet.attend(messages, hear))?;
        Ok(())
    }

    fn attend(&self, mut messages: Messages, hear: impl Fn(ToWorker)) -> ! {
        loop {
            messages.read(&hear);
            let mut state = self.lock();
            if !state.busy {
                state.messages = Some(messages);
                self.free.notify_one();
                messages = self.stand_in(state);
            }
        }
    }

    /// Waits until main has been busy for so long that somebody should read for it.
    fn stand_in<'a>(&'a self, mut state: MutexGuard<'a, State>) -> Messages {
        let mut begun = state.begun;
        loop {
            drop(state);
            std::thread::sleep(SHORT);
            state = self.lock();
            if state.begun != begun {
                // Main has moved on; there is no need to be woken for the next look.
                begun = state.begun;
                continue;
            }
            if state.busy {
                if let Some(messages) = state.messages.take() {
                    return messages;
                }
            } else {
                state.asleep = true;
                while state.asleep {
                    state = self.stirred.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                begun = state.begun;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
