//! What an engine tells while it works, as values. Refuses to know a terminal.

use std::time::Duration;

/// Something that happened in a build, a pull or a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A build step began.
    StepStarted {
        /// Identifies the step in later events.
        id: String,
        /// What it does, in the engine's words: `[builder 2/5] RUN …`.
        name: String,
    },
    /// A build step's program wrote something.
    StepLog {
        /// The step.
        id: String,
        /// The bytes as they came; not lines.
        bytes: Vec<u8>,
    },
    /// A transfer within a build step moved on (a layer of a base image, the context).
    StepTransfer {
        /// The step.
        id: String,
        /// What is being moved.
        what: String,
        /// Bytes so far.
        current: u64,
        /// Bytes in all; 0 when unknown.
        total: u64,
    },
    /// A build step ended.
    StepFinished {
        /// The step.
        id: String,
        /// Whether its result was there already.
        cached: bool,
        /// How long it took.
        took: Duration,
        /// Why it failed, if it did.
        error: Option<String>,
    },
    /// The builder has something to say about the Dockerfile.
    Warning(String),
    /// Something a person waiting should know.
    Note(String),
    /// A layer being pulled or pushed moved on.
    Layer {
        /// The layer's short id.
        id: String,
        /// What happens to it.
        state: LayerState,
        /// Bytes so far.
        current: u64,
        /// Bytes in all; 0 when unknown.
        total: u64,
    },
}

/// What happens to a layer under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerState {
    /// Waits for its turn.
    Waiting,
    /// Comes or goes over the network.
    Moving,
    /// Is being unpacked or checked.
    Unpacking,
    /// The other side had it already.
    Exists,
    /// There.
    Done,
}

/// A reader of [`Event`]s.
pub trait Progress: Send {
    /// Takes the next event.
    fn event(&mut self, event: Event);
}

/// Shows nothing.
#[cfg(test)]
#[derive(Debug, Default)]
pub struct Quiet;

#[cfg(test)]
impl Progress for Quiet {
    fn event(&mut self, _: Event) {}
}
