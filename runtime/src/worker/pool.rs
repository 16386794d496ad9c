//! The threads that run predictions which block: main, and more when it is busy.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

type Job = Box<dyn FnOnce() + Send>;

/// A queue of jobs and the threads that take from it.
pub(super) struct Pool {
    state: Mutex<State>,
    work: Condvar,
    most: usize,
}

struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    waiting: usize,
}

impl Pool {
    /// A pool of at most `most` threads, main among them.
    pub(super) fn new(most: usize) -> Arc<Self> {
        let state = State { jobs: VecDeque::new(), threads: 1, waiting: 0 };
        Arc::new(Self { state: Mutex::new(state), work: Condvar::new(), most })
    }

    /// Queues a job, and starts a thread if all are busy and there may be more.
    pub(super) fn submit(self: &Arc<Self>, job: Job) {
        let mut state = self.lock();
        state.jobs.push_back(job);
        if state.jobs.len() > state.waiting && state.threads < self.most {
            let pool = Arc::clone(self);
            let name = format!("slot-{}", state.threads);
            // If the system has no thread left, the job waits for one that is there.
            if std::thread::Builder::new().name(name).spawn(move || pool.serve()).is_ok() {
                state.threads += 1;
            }
        }
        let waiting = state.waiting > 0;
        drop(state);
        if waiting {
            self.work.notify_one();
        }
    }

    /// Whether no job waits.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().jobs.is_empty()
    }

    /// The next job, if there is one.
    pub(super) fn pop(&self) -> Option<Job> {
        self.lock().jobs.pop_front()
    }

    /// Runs jobs on this thread for ever.
    pub(super) fn serve(&self) {
        let mut state = self.lock();
        loop {
            match state.jobs.pop_front() {
                Some(job) => {
                    drop(state);
                    job();
                    state = self.lock();
                }
                None => {
                    state.waiting += 1;
                    state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                    state.waiting -= 1;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
