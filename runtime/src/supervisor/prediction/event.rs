//! What happens in a prediction, as server-sent events.

use std::ops::Range;

use serde::Serialize;
use serde_json::{Value, json};

use super::Prediction;
use crate::model::{LogSource, MetricMode};

/// How much text is written at a time: a reader that takes it slowly holds no more than this.
const BATCH: usize = 64 << 10;

/// Something that happened. Texts and output are the prediction's; here is only where they are.
#[derive(Debug)]
pub(super) enum Event {
    Started,
    Log { source: LogSource, text: Range<usize> },
    Output { index: usize },
    Metric { name: String, value: Value, mode: MetricMode },
}

impl Prediction {
    /// How many events there are, the last word not counted.
    pub(in crate::supervisor) fn events(&self) -> usize {
        self.events.len()
    }

    /// The events from `from` on, as many as fit into a batch, and where the next batch begins. Of an ended
    /// prediction, the last word is the event after all others.
    pub(in crate::supervisor) fn events_from(&self, from: usize) -> (Vec<u8>, usize) {
        let mut text = Vec::new();
        let mut next = from;
        while text.len() < BATCH && next <= self.events.len() {
            match self.events.get(next) {
                Some(event) => self.write(&mut text, next, event),
                None if self.status.is_terminal() => {
                    write(&mut text, next, "completed", &self.snapshot());
                }
                None => break,
            }
            next += 1;
        }
        (text, next)
    }

    fn write(&self, to: &mut Vec<u8>, number: usize, event: &Event) {
        match event {
            Event::Started => {
                write(to, number, "start", &json!({"id": self.id, "status": "processing"}));
            }
            Event::Log { source, text } => {
                let data = self.logs.get(text.clone()).unwrap_or_default();
                write(to, number, "log", &json!({"data": data, "source": source}));
            }
            Event::Output { index } => {
                #[derive(Serialize)]
                struct Piece<'a> {
                    chunk: Option<&'a serde_json::value::RawValue>,
                    index: usize,
                }
                let chunk = self.pieces.get(*index).map(|piece| &**piece);
                write(to, number, "output", &Piece { chunk, index: *index });
            }
            Event::Metric { name, value, mode } => {
                write(to, number, "metric", &json!({"mode": mode, "name": name, "value": value}));
            }
        }
    }
}

/// An event that belongs to no prediction's list: the stream itself gives up.
pub(in crate::supervisor) fn gave_up(error: &str, skipped: usize) -> Vec<u8> {
    format!("event: error\ndata: {}\n\n", json!({"error": error, "skipped": skipped})).into_bytes()
}

fn write<T: Serialize>(to: &mut Vec<u8>, number: usize, name: &str, data: &T) {
    to.extend_from_slice(format!("event: {name}\nid: {number}\ndata: ").as_bytes());
    // What is written here was JSON before; text that a line break has slipped into is still JSON without it.
    let start = to.len();
    if serde_json::to_writer(&mut *to, data).is_err() {
        to.truncate(start);
        to.extend_from_slice(b"null");
    }
    for byte in &mut to[start..] {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    to.extend_from_slice(b"\n\n");
}
