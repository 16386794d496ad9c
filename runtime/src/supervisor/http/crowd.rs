//! Who is connected: how many there may be, and who has to go where there are too many.
//!
//! A connection that waits for its client, for a request's head or for more of its body, can be closed without
//! breaking a promise; and anybody can open one and never say a word. So where there are as many connections as there
//! may be, those that have waited longest make room.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// How many make room at a time: looking for them costs as much as there are connections.
const AT_ONCE: usize = 32;
/// How soon to look again for somebody who can go.
const RESPITE: Duration = Duration::from_millis(50);

/// All connections.
pub(super) struct Crowd {
    places: Mutex<Places>,
    most: usize,
    /// Somebody left.
    left: Notify,
}

#[derive(Default)]
struct Places {
    taken: HashMap<u64, Arc<Place>>,
    last: u64,
}

/// A connection's place in the crowd; given up when dropped.
pub(super) struct Seat {
    place: Arc<Place>,
    number: u64,
    crowd: Arc<Crowd>,
}

/// What a connection is at.
pub(super) struct Place {
    born: Instant,
    /// Since when it waits for its client, in milliseconds of its life and one more; 0 while it does not.
    waits: AtomicU64,
    /// Whether a request of its client's is being answered.
    answers: AtomicBool,
    asked_to_leave: Notify,
}

/// The server's turn: from a request's head to the end of the answer's body. Over when dropped.
pub(super) struct Turn(Arc<Place>);

impl Crowd {
    /// A crowd of at most so many.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { places: Mutex::default(), most, left: Notify::new() })
    }

    /// Comes back when there is room for one more.
    pub(super) async fn room(&self) {
        while self.lock().taken.len() >= self.most {
            self.make_room().await;
        }
    }

    /// Asks those to leave who have waited longest, and comes back when one has left, or when it is time to ask
    /// again.
    pub(super) async fn make_room(&self) {
        let mut waiting: Vec<(Duration, Arc<Place>)> = {
            let places = self.lock();
            let waits = |place: &Arc<Place>| Some((place.has_waited()?, Arc::clone(place)));
            places.taken.values().filter_map(waits).collect()
        };
        waiting.sort_unstable_by_key(|(waited, _)| std::cmp::Reverse(*waited));
        for (_, place) in waiting.iter().take(AT_ONCE) {
            place.asked_to_leave.notify_one();
        }
        // Too late is no harm.
        let _nobody = tokio::time::timeout(RESPITE, self.left.notified()).await;
    }

    /// A place for one more, who waits for its client from now on.
    pub(super) fn enter(self: &Arc<Self>) -> Seat {
        let place = Arc::new(Place {
            born: Instant::now(),
            waits: AtomicU64::new(1),
            answers: AtomicBool::new(false),
            asked_to_leave: Notify::new(),
        });
        let mut places = self.lock();
        places.last += 1;
        let number = places.last;
        places.taken.insert(number, Arc::clone(&place));
        Seat { place, number, crowd: Arc::clone(self) }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    pub(super) fn place(&self) -> &Arc<Place> {
        &self.place
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.crowd.lock().taken.remove(&self.number);
        self.crowd.left.notify_one();
    }
}

impl Turn {
    pub(super) fn begins(place: &Arc<Place>) -> Self {
        place.answers.store(true, Ordering::Relaxed);
        place.goes_on();
        Self(Arc::clone(place))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // What was said may still have to be sent.
        self.0.answers.store(false, Ordering::Relaxed);
    }
}

impl Place {
    /// It is its client's turn.
    pub(super) fn waits(&self) {
        if self.waits.load(Ordering::Relaxed) == 0 {
            let age = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
            self.waits.store(age + 1, Ordering::Relaxed);
        }
    }

    /// It is not.
    pub(super) fn goes_on(&self) {
        self.waits.store(0, Ordering::Relaxed);
    }

    /// Everything there was to say is sent: unless there is more to come, it is its client's turn.
    pub(super) fn has_said_all(&self) {
        if !self.answers.load(Ordering::Relaxed) {
            self.waits();
        }
    }

    /// For how long it has waited, if it waits for its client.
    pub(super) fn has_waited(&self) -> Option<Duration> {
        let since = self.waits.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.born.elapsed().saturating_sub(Duration::from_millis(since)))
    }

    /// Comes back when it has to leave.
    pub(super) async fn has_to_leave(&self) {
        loop {
            self.asked_to_leave.notified().await;
            // Its client may have come round meanwhile.
            if self.has_waited().is_some() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_for_its_client_makes_room_and_who_is_served_stays() {
        let crowd = Crowd::new(2);
        let (served, idle) = (crowd.enter(), crowd.enter());
        served.place().goes_on();
        let leaves = async {
            idle.place().has_to_leave().await;
            drop(idle);
        };
        tokio::join!(crowd.room(), leaves);
        let told = tokio::time::timeout(RESPITE, served.place().has_to_leave()).await;
        assert!(told.is_err(), "who is served is never told to go");
    }

    #[tokio::test]
    async fn who_has_waited_longest_goes_first() {
        let crowd = Crowd::new(AT_ONCE + 1);
        let old: Vec<Seat> = (0..AT_ONCE).map(|_| crowd.enter()).collect();
        tokio::time::sleep(Duration::from_millis(5)).await;
        let new = crowd.enter();
        crowd.make_room().await;
        let told = |seat: &Seat| {
            let place = Arc::clone(seat.place());
            async move { tokio::time::timeout(RESPITE, place.has_to_leave()).await.is_ok() }
        };
        for seat in &old {
            assert!(told(seat).await);
        }
        assert!(!told(&new).await);
    }
}
