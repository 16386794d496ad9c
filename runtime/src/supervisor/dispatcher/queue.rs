//! Predictions that wait for a slot, first come, first served.

use std::collections::VecDeque;

/// How many may wait for as long as they say themselves where the operator allows no queue.
const MOST_PATIENT: usize = 100;

pub(super) struct Queue {
    runs: VecDeque<u64>,
    limit: usize,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        Self { runs: VecDeque::new(), limit }
    }

    /// Whether one more may wait; `patient` is one whose caller asked for a wait and its length.
    pub(super) fn takes_one_more(&self, patient: bool) -> bool {
        self.runs.len() < if patient { self.limit.max(MOST_PATIENT) } else { self.limit }
    }

    pub(super) fn push(&mut self, run: u64) {
        self.runs.push_back(run);
    }

    pub(super) fn pop(&mut self) -> Option<u64> {
        self.runs.pop_front()
    }

    /// Takes all of them.
    pub(super) fn clear(&mut self) -> VecDeque<u64> {
        std::mem::take(&mut self.runs)
    }

    /// Takes one out of the middle; false if it was not there.
    pub(super) fn remove(&mut self, run: u64) -> bool {
        let before = self.runs.len();
        self.runs.retain(|waiting| *waiting != run);
        self.runs.len() < before
    }

    pub(super) fn len(&self) -> usize {
        self.runs.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}
