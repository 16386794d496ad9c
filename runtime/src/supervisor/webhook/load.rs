//! How much waits to be delivered, and how much is under way at a time: a receiver that is slow or gone must cost neither
//! the server's memory nor its descriptors, nor another receiver its messages.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many messages are under way at the same time, and how many of them to one host.
const ABREAST: usize = 128;
const ABREAST_TO_HOST: usize = 16;
/// What may wait before no more predictions with webhooks are taken, in bytes.
const MOST: usize = 256 << 20;
/// What a message takes besides its text, and a prediction besides its messages.
const EACH: usize = 8 << 10;

/// What all deliveries share.
pub(super) struct Load {
    waiting: Arc<AtomicUsize>,
    ways: Arc<Semaphore>,
    ways_to_hosts: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// What one message weighs while it waits; lifted when dropped.
pub(super) struct Weight {
    waiting: Arc<AtomicUsize>,
    bytes: usize,
}

/// The way to a host, taken until dropped.
pub(super) struct Way {
    _to_host: Option<OwnedSemaphorePermit>,
    _at_all: Option<OwnedSemaphorePermit>,
}

impl Load {
    pub(super) fn new() -> Self {
        Self {
            waiting: Arc::default(),
            ways: Arc::new(Semaphore::new(ABREAST)),
            ways_to_hosts: Mutex::default(),
        }
    }

    /// Whether so much waits that nothing should be added.
    pub(super) fn is_heavy(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > MOST
    }

    /// Takes something of so many bytes upon it.
    pub(super) fn take(&self, bytes: usize) -> Weight {
        let bytes = bytes + EACH;
        self.waiting.fetch_add(bytes, Ordering::Relaxed);
        Weight { waiting: Arc::clone(&self.waiting), bytes }
    }

    /// Comes back when something may be sent to the host.
    pub(super) async fn way_to(&self, host: &str) -> Way {
        // Who waits for a slow host must not keep others waiting: its own queue comes first. Nobody closes them.
        let to_host = self.ways_to(host).acquire_owned().await.ok();
        Way { _to_host: to_host, _at_all: Arc::clone(&self.ways).acquire_owned().await.ok() }
    }

    fn ways_to(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.ways_to_hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ways) = hosts.get(host).and_then(Weak::upgrade) {
            return ways;
        }
        hosts.retain(|_, ways| ways.strong_count() > 0);
        let ways = Arc::new(Semaphore::new(ABREAST_TO_HOST));
        hosts.insert(host.to_owned(), Arc::downgrade(&ways));
        ways
    }
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_slow_host_keeps_only_itself_waiting() {
        let load = Load::new();
        let mut slow = Vec::new();
        for _ in 0..ABREAST_TO_HOST {
            slow.push(load.way_to("slow").await);
        }
        let next = tokio::time::timeout(Duration::from_millis(20), load.way_to("slow"));
        assert!(next.await.is_err(), "one more has to wait");
        drop(load.way_to("quick").await);
        slow.pop();
        drop(load.way_to("slow").await);
    }

    #[test]
    fn what_is_delivered_weighs_nothing() {
        let load = Load::new();
        let heavy = load.take(MOST);
        assert!(load.is_heavy());
        drop(heavy);
        assert!(!load.is_heavy());
    }
}
