//! One prediction as a value: what happened in it so far, and how that looks from outside.
//!
//! Its events are kept with what they speak of, so a reader who comes late or reads slowly misses nothing and costs
//! nothing but its place in the list.

mod event;
mod snapshot;
#[cfg(test)]
mod tests;

use std::time::Duration;

use cog_schema::Delivery;
use cog_schema::envelope::Status;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::metrics::Metrics;
use crate::model::{LogSource, MetricMode};
use crate::protocol::Outcome;
use event::Event;
pub(super) use event::gave_up;

/// A prediction, in flight or ended.
#[derive(Debug)]
pub(super) struct Prediction {
    id: String,
    /// The input as it may be shown: secrets masked.
    input: Map<String, Value>,
    delivery: Delivery,
    status: Status,
    error: Option<String>,
    logs: String,
    pieces: Vec<Box<RawValue>>,
    metrics: Metrics,
    events: Vec<Event>,
}

impl Prediction {
    pub(super) fn new(id: String, input: Map<String, Value>, delivery: Delivery) -> Self {
        Self {
            id,
            input,
            delivery,
            status: Status::Starting,
            error: None,
            logs: String::new(),
            pieces: Vec::new(),
            metrics: Metrics::default(),
            events: Vec::new(),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn status(&self) -> Status {
        self.status
    }

    /// Why it failed, if it did.
    pub(super) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// It has its slot now.
    pub(super) fn begun(&mut self) {
        self.status = Status::Processing;
        self.events.push(Event::Started);
    }

    pub(super) fn printed(&mut self, source: LogSource, text: &str) {
        let start = self.logs.len();
        self.logs.push_str(text);
        self.events.push(Event::Log { source, text: start..self.logs.len() });
    }

    pub(super) fn produced(&mut self, piece: Box<RawValue>) {
        self.events.push(Event::Output { index: self.pieces.len() });
        self.pieces.push(piece);
    }

    pub(super) fn measured(&mut self, name: String, value: Value, mode: MetricMode) -> Result<(), String> {
        self.metrics.record(&name, value.clone(), mode)?;
        self.events.push(Event::Metric { name, value, mode });
        Ok(())
    }

    /// The last of it. Logs, metrics and whatever output there is are kept however it ended.
    pub(super) fn ended(&mut self, outcome: Outcome, took: Duration) {
        (self.status, self.error) = match outcome {
            Outcome::Succeeded => (Status::Succeeded, None),
            Outcome::Failed(error) => (Status::Failed, Some(error)),
            Outcome::Canceled => (Status::Canceled, None),
        };
        self.metrics.took(took);
    }

    /// How many bytes it keeps in memory, roughly.
    pub(super) fn weight(&self) -> usize {
        let pieces: usize = self.pieces.iter().map(|piece| piece.get().len() + 16).sum();
        let fields = weight_of(&self.input) + weight_of(self.metrics.tree());
        let measured = self.events.iter().map(|event| match event {
            Event::Metric { name, value, .. } => weight_of([(name, value)]),
            _ => 0,
        });
        let texts = self.id.len() + self.logs.len() + self.error.as_ref().map_or(0, String::len);
        texts + pieces + fields + measured.sum::<usize>() + self.events.len() * size_of::<Event>()
    }
}

/// How many bytes named values take in memory, roughly.
pub(super) fn weight_of<'a>(fields: impl IntoIterator<Item = (&'a String, &'a Value)>) -> usize {
    fn of(value: &Value) -> usize {
        32 + match value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(of).sum(),
            Value::Object(fields) => weight_of(fields),
            _ => 0,
        }
    }
    fields.into_iter().map(|(name, value)| name.len() + of(value)).sum()
}
