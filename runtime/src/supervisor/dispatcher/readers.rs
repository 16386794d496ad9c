//! Readers of predictions: who may join, and from which event on.

use std::sync::Arc;

use tokio::sync::watch;

use super::{Desk, Dispatcher, Joined};
use crate::supervisor::subscription::{Progress, Subscription};

/// How many may read one prediction's events at the same time.
const MOST_READERS: usize = 1024;

impl Dispatcher {
    /// A reader for the prediction's events, from the one after `after` or from the first that is kept.
    pub(super) fn join(&mut self, id: &str, after: Option<usize>, ended_too: bool) -> Joined {
        let run = self.runs.get(id).copied();
        let flight = run.and_then(|run| Some((run, self.flights.get_mut(&run)?)));
        let events = match &flight {
            Some((_, flight)) => flight.prediction().events(),
            None => match self.finished.find(id).filter(|_| ended_too) {
                Some(prediction) => prediction.events(),
                None => return Joined::Unknown,
            },
        };
        let first = match self.settings.stream_history {
            Some(most) => events.saturating_sub(most),
            None => 0,
        };
        let next = match (after, self.settings.stream_history) {
            // Without a history nobody expects one.
            (None, Some(0)) => events,
            (None, _) => 0,
            (Some(after), _) => after.saturating_add(1),
        };
        if next < first {
            return Joined::Read(Subscription::truncated(first - next));
        }
        let Some((run, flight)) = flight else {
            let found = self.finished.find(id).map(Arc::clone);
            return found.map_or(Joined::Unknown, |found| Joined::Read(Subscription::ended(found, next)));
        };
        if flight.readers() >= MOST_READERS {
            return Joined::Crowded;
        }
        let progress = flight.joined();
        Joined::Read(self.subscription(run, next, progress))
    }

    pub(super) fn subscription(
        &self,
        run: u64,
        next: usize,
        progress: watch::Receiver<Progress>,
    ) -> Subscription {
        let desk = Desk::new(self.sender.clone(), self.staff.watch_model());
        Subscription::live(run, next, progress, desk)
    }
}
