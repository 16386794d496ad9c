//! The ended predictions that can still be asked for: the last ones, and no more than fit into a bounded memory.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::supervisor::prediction::Prediction;

/// What all of them together may weigh, in bytes.
const MOST_WEIGHT: usize = 64 << 20;

pub(super) struct Finished {
    /// The newest at the end.
    kept: VecDeque<Arc<Prediction>>,
    weight: usize,
    most: usize,
}

impl Finished {
    pub(super) fn new(most: usize) -> Self {
        Self { kept: VecDeque::new(), weight: 0, most }
    }

    /// The newest prediction with that id.
    pub(super) fn find(&self, id: &str) -> Option<&Arc<Prediction>> {
        self.kept.iter().rev().find(|prediction| prediction.id() == id)
    }

    pub(super) fn keep(&mut self, prediction: Arc<Prediction>) {
        self.weight += prediction.weight();
        self.kept.push_back(prediction);
        while self.kept.len() > self.most || self.weight > MOST_WEIGHT {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.weight -= oldest.weight();
        }
    }
}

#[cfg(test)]
mod tests {
    use cog_schema::Delivery;
    use serde_json::Map;

    use super::*;
    use crate::model::LogSource;

    fn ended(id: &str, logs: usize) -> Arc<Prediction> {
        let mut prediction = Prediction::new(id.to_owned(), Map::new(), Delivery::Single);
        prediction.printed(LogSource::Stdout, &"x".repeat(logs));
        Arc::new(prediction)
    }

    #[test]
    fn only_the_last_ones_are_kept() {
        let mut finished = Finished::new(2);
        for id in ["a", "b", "c"] {
            finished.keep(ended(id, 1));
        }
        assert!(finished.find("a").is_none());
        assert!(finished.find("b").is_some() && finished.find("c").is_some());
    }

    #[test]
    fn an_id_that_ran_again_is_its_last_run() {
        let mut finished = Finished::new(3);
        finished.keep(ended("a", 1));
        finished.keep(ended("a", 2));
        assert_eq!(finished.find("a").map(|found| found.weight() > ended("a", 1).weight()), Some(true));
    }

    #[test]
    fn memory_is_bounded_whatever_they_hold() {
        let mut finished = Finished::new(100);
        finished.keep(ended("small", 1));
        finished.keep(ended("large", MOST_WEIGHT - 1000));
        finished.keep(ended("larger", MOST_WEIGHT + 1));
        assert!(finished.find("small").is_none() && finished.find("large").is_none());
        assert!(finished.find("larger").is_none());
        finished.keep(ended("small", 1));
        assert!(finished.find("small").is_some());
    }
}
