//! Predictions that wait for a slot, first come, first served.

use std::collections::VecDeque;

/// How many may wait for as long as they say themselves where the operator allows no queue.
const MOST_PATIENT: usize = 100;
/// What the inputs of all that wait may weigh, in bytes.
const MOST_WEIGHT: usize = 512 << 20;

pub(super) struct Queue {
    /// Each with what its input weighs.
    runs: VecDeque<(u64, usize)>,
    weight: usize,
    limit: usize,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        Self { runs: VecDeque::new(), weight: 0, limit }
    }

    /// Whether one more of that weight may wait; `patient` is one whose caller asked for a wait and its length.
    pub(super) fn takes_one_more(&self, patient: bool, weight: usize) -> bool {
        let limit = if patient { self.limit.max(MOST_PATIENT) } else { self.limit };
        self.runs.len() < limit && self.weight + weight <= MOST_WEIGHT
    }

    pub(super) fn push(&mut self, run: u64, weight: usize) {
        self.runs.push_back((run, weight));
        self.weight += weight;
    }

    pub(super) fn pop(&mut self) -> Option<u64> {
        let (run, weight) = self.runs.pop_front()?;
        self.weight -= weight;
        Some(run)
    }

    /// Takes all of them.
    pub(super) fn clear(&mut self) -> Vec<u64> {
        self.weight = 0;
        self.runs.drain(..).map(|(run, _)| run).collect()
    }

    /// Takes one out of the middle; false if it was not there.
    pub(super) fn remove(&mut self, run: u64) -> bool {
        let place = self.runs.iter().position(|(waiting, _)| *waiting == run);
        let Some((_, weight)) = place.and_then(|place| self.runs.remove(place)) else { return false };
        self.weight -= weight;
        true
    }

    pub(super) fn len(&self) -> usize {
        self.runs.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_in_number_and_in_weight() {
        let mut queue = Queue::new(3);
        queue.push(1, MOST_WEIGHT - 1);
        assert!(queue.takes_one_more(false, 1) && !queue.takes_one_more(true, 2));
        assert!(queue.remove(1) && !queue.remove(1));
        for run in 1..=3 {
            assert!(queue.takes_one_more(false, MOST_WEIGHT / 3));
            queue.push(run, MOST_WEIGHT / 3);
        }
        assert!(!queue.takes_one_more(false, 0));
        assert_eq!(queue.pop(), Some(1));
        assert!(queue.takes_one_more(false, MOST_WEIGHT / 3));
        assert_eq!(queue.clear(), [2, 3]);
        assert!(queue.takes_one_more(false, MOST_WEIGHT));
    }
}
