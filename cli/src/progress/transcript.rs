//! What running steps are called and have written so far.

use std::collections::HashMap;

/// The steps under way.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    steps: HashMap<String, Step>,
}

/// One of them.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Its name.
    pub(super) name: String,
    /// Its output, as it came.
    pub(super) output: Vec<u8>,
}

impl Transcript {
    pub(super) fn begin(&mut self, id: &str, name: &str) {
        self.steps.entry(id.to_owned()).or_default().name = name.to_owned();
    }

    pub(super) fn write(&mut self, id: &str, bytes: &[u8]) {
        self.steps.entry(id.to_owned()).or_default().output.extend_from_slice(bytes);
    }

    pub(super) fn end(&mut self, id: &str) -> Step {
        self.steps.remove(id).unwrap_or_default()
    }
}
