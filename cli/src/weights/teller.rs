//! What is told of files and layers under way, from whatever thread, to one reader.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::engine::{Event, LayerState, Progress};

/// Time after which it is worth a word that something moves: as often as eyes follow, and no work beside the work.
const WORTH: Duration = Duration::from_millis(100);
/// Bytes of a file from which on it is told of at all.
const LARGE: u64 = 16 << 20;

/// Tells.
#[derive(Debug, Clone)]
pub struct Teller(UnboundedSender<Event>);

/// What was told, to be read.
#[derive(Debug)]
pub struct Told(UnboundedReceiver<Event>);

impl Teller {
    /// One that tells, and what it will have told.
    pub fn new() -> (Self, Told) {
        let (sender, receiver) = unbounded_channel();
        (Self(sender), Told(receiver))
    }

    /// Says something once.
    pub(super) fn note(&self, text: String) {
        // Whoever waited is gone with the work.
        let _unheard = self.0.send(Event::Note(text));
    }

    /// Begins to tell of something of `total` bytes.
    pub(super) fn of(&self, what: &str, total: u64) -> Line {
        let sender = (total >= LARGE).then(|| self.0.clone());
        Line { sender, what: what.to_owned(), total, told: Instant::now() }
    }
}

/// One thing under way.
pub(super) struct Line {
    sender: Option<UnboundedSender<Event>>,
    what: String,
    total: u64,
    told: Instant,
}

impl Line {
    /// So many bytes are through.
    pub(super) fn at(&mut self, current: u64) {
        if self.told.elapsed() >= WORTH {
            self.told = Instant::now();
            self.tell(LayerState::Moving, current);
        }
    }

    /// All of it is.
    pub(super) fn done(&self) {
        self.tell(LayerState::Done, self.total);
    }

    fn tell(&self, state: LayerState, current: u64) {
        if let Some(sender) = &self.sender {
            let (id, total) = (self.what.clone(), self.total);
            let _unheard = sender.send(Event::Layer { id, state, current, total });
        }
    }
}

impl Told {
    /// Shows what is told until `work` is done.
    pub async fn while_at<T>(mut self, work: impl Future<Output = T>, progress: &mut dyn Progress) -> T {
        tokio::pin!(work);
        let done = loop {
            tokio::select! {
                biased;
                Some(event) = self.0.recv() => progress.event(event),
                done = &mut work => break done,
            }
        };
        while let Ok(event) = self.0.try_recv() {
            progress.event(event);
        }
        done
    }
}
