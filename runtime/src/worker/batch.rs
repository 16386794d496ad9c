//! Predictions that wait to be made together.
//!
//! Whoever is free to make some takes those that are there; if fewer are there than lately came together, it waits a
//! little for the others. One caller after the other thus never waits, and many at a time fill batches.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::value::RawValue;

use super::run::Run;

pub(super) struct Batches {
    max: usize,
    wait: Duration,
    state: Mutex<State>,
    arrived: Condvar,
}

/// A prediction that waits.
pub(super) struct Waiting {
    pub(super) run: Arc<Run>,
    pub(super) input: Box<RawValue>,
}

struct State {
    waiting: VecDeque<Waiting>,
    /// Those that are being made, each with the number of its batch.
    making: HashMap<u64, u64>,
    /// How many of each batch have not been given up.
    alive: HashMap<u64, usize>,
    last_batch: u64,
    /// As many as were there when the last batch ended, it included: so many may well come again.
    expected: usize,
}

impl Batches {
    pub(super) fn new(max: usize, wait: Duration) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            making: HashMap::new(),
            alive: HashMap::new(),
            last_batch: 0,
            expected: 1,
        };
        Self { max, wait, state: Mutex::new(state), arrived: Condvar::new() }
    }

    pub(super) fn push(&self, waiting: Waiting) {
        self.lock().waiting.push_back(waiting);
        self.arrived.notify_one();
    }

    /// The next batch, with its number; empty if another thread took what there was.
    pub(super) fn take(&self) -> (u64, Vec<Waiting>) {
        let mut state = self.lock();
        let until = Instant::now() + self.wait;
        while !state.waiting.is_empty() && state.waiting.len() < state.expected.min(self.max) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.arrived.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let count = state.waiting.len().min(self.max);
        let batch: Vec<Waiting> = state.waiting.drain(..count).collect();
        state.last_batch += 1;
        let number = state.last_batch;
        if count > 0 {
            state.alive.insert(number, count);
            state.making.extend(batch.iter().map(|waiting| (waiting.run.number, number)));
        }
        (number, batch)
    }

    /// A batch has been made.
    pub(super) fn made(&self, number: u64, batch: &[Arc<Run>]) {
        let mut state = self.lock();
        state.alive.remove(&number);
        for run in batch {
            state.making.remove(&run.number);
        }
        state.expected = batch.len() + state.waiting.len();
    }

    /// A prediction was given up: true if it can end at once, because it still waits, or because its batch goes on for
    /// others. The last one of a batch ends when the author's function returns.
    pub(super) fn give_up(&self, run: u64) -> bool {
        let mut guard = self.lock();
        let state = &mut *guard;
        if let Some(place) = state.waiting.iter().position(|waiting| waiting.run.number == run) {
            state.waiting.remove(place);
            return true;
        }
        let alive = state.making.get(&run).and_then(|batch| state.alive.get_mut(batch));
        match alive {
            Some(alive) if *alive > 1 => {
                *alive -= 1;
                state.making.remove(&run);
                true
            }
            _ => false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
