//! A reader of a prediction's events: its place in the list, and the means to go on from there.
//!
//! A reader pulls. What it has not read yet is in the prediction, not in a buffer of its own, so a slow one holds up
//! nobody, loses nothing and takes no memory.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::watch;

use super::dispatcher::Desk;
use super::prediction::{self, Prediction};

/// After so much silence a comment shows that the line is open.
const SILENCE: Duration = Duration::from_secs(15);
const STILL_HERE: &[u8] = b": keep-alive\n\n";

/// How far a prediction has come.
#[derive(Debug)]
pub(super) struct Progress {
    events: usize,
    end: Option<Arc<Prediction>>,
}

impl Progress {
    pub(super) fn new(events: usize) -> Self {
        Self { events, end: None }
    }

    pub(super) fn ended(prediction: Arc<Prediction>) -> Self {
        Self { events: prediction.events(), end: Some(prediction) }
    }
}

/// What somebody reads.
pub(super) struct Subscription(Source);

enum Source {
    /// A prediction in flight, until it has ended.
    Live(Live),
    /// One that has, from the given event on.
    Ended(Arc<Prediction>, usize),
    /// Nothing but why there is nothing.
    Refused(Vec<u8>),
    Exhausted,
}

struct Live {
    run: u64,
    next: usize,
    progress: watch::Receiver<Progress>,
    desk: Desk,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.desk.left(self.run);
    }
}

impl Subscription {
    /// Reads a prediction in flight.
    pub(super) fn live(run: u64, next: usize, progress: watch::Receiver<Progress>, desk: Desk) -> Self {
        Self(Source::Live(Live { run, next, progress, desk }))
    }

    /// Reads one that has ended.
    pub(super) fn ended(prediction: Arc<Prediction>, next: usize) -> Self {
        Self(Source::Ended(prediction, next))
    }

    /// Reads that so many events are not kept any more.
    pub(super) fn truncated(skipped: usize) -> Self {
        let text = prediction::gave_up("SSE stream replay truncated; events were dropped", skipped);
        Self(Source::Refused(text))
    }

    /// Whether there is nothing left to read, now and for ever.
    pub(super) fn is_exhausted(&self) -> bool {
        match &self.0 {
            Source::Ended(prediction, next) => *next > prediction.events(),
            Source::Exhausted => true,
            Source::Live(_) | Source::Refused(_) => false,
        }
    }

    /// Some more events, as soon as there are any; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        loop {
            match &mut self.0 {
                Source::Live(live) => {
                    let end = live.progress.borrow_and_update().end.clone();
                    if let Some(prediction) = end {
                        let next = live.next;
                        self.0 = Source::Ended(prediction, next);
                        continue;
                    }
                    if let Some(text) = live.next().await? {
                        return Some(text);
                    }
                }
                Source::Ended(prediction, next) => {
                    let (text, then) = prediction.events_from(*next);
                    *next = then;
                    if text.is_empty() {
                        self.0 = Source::Exhausted;
                        return None;
                    }
                    return Some(text.into());
                }
                Source::Refused(text) => {
                    let text = std::mem::take(text);
                    self.0 = Source::Exhausted;
                    return Some(text.into());
                }
                Source::Exhausted => return None,
            }
        }
    }
}

impl Live {
    /// What there is after its place, or a sign of life; `Some(None)` if things have changed meanwhile, `None` if the
    /// server is ending.
    async fn next(&mut self) -> Option<Option<Bytes>> {
        if self.progress.borrow().events > self.next {
            let Some((text, next)) = self.desk.read(self.run, self.next).await else { return Some(None) };
            self.next = next;
            return Some(Some(text.into()));
        }
        match tokio::time::timeout(SILENCE, self.progress.changed()).await {
            Ok(Ok(())) => Some(None),
            Ok(Err(_)) if self.progress.borrow().end.is_some() => Some(None),
            Ok(Err(_)) => None,
            Err(_) => Some(Some(Bytes::from_static(STILL_HERE))),
        }
    }
}
