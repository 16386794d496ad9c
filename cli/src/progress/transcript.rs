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

    /// The whole lines a step has written since they were last taken.
    pub(super) fn take_lines(&mut self, id: &str) -> Vec<u8> {
        let Some(step) = self.steps.get_mut(id) else { return Vec::new() };
        let end = step.output.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        step.output.drain(..end).collect()
    }

    pub(super) fn end(&mut self, id: &str) -> Step {
        self.steps.remove(id).unwrap_or_default()
    }
}
