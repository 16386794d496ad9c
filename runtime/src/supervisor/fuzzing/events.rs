//! Server-sent events: what happened in a prediction is what a reader by the standard's rules reads, from any place
//! on, in any number of batches.

use std::time::Duration;

use cog_schema::Delivery;
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use super::source::Source;
use crate::model::{LogSource, MetricMode};
use crate::protocol::Outcome;
use crate::supervisor::prediction::Prediction;

/// How many events there are at most: all of them are read from each of them on.
const MOST: usize = 64;

/// What should be read, in order.
#[derive(Default)]
struct Expected {
    names: Vec<&'static str>,
    logs: String,
    pieces: Vec<String>,
}

pub(super) fn target(bytes: &[u8]) {
    let mut source = Source(bytes);
    let (prediction, expected) = happened(&mut source);
    let all = read_from(&prediction, 0);
    let events = parse(&all);
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, expected.names);
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event.id, number.to_string());
    }

    let mut logs = String::new();
    let mut pieces = Vec::new();
    for event in &events {
        match event.name.as_str() {
            "log" => logs.push_str(&read_as::<Log>(&event.data).data),
            "output" => {
                let output = read_as::<Piece<'_>>(&event.data);
                assert_eq!(output.index, pieces.len());
                pieces.push(output.chunk.get().to_owned());
            }
            _ => {
                read_as::<&RawValue>(&event.data);
            }
        }
    }
    assert_eq!((logs, pieces), (expected.logs, expected.pieces));

    for from in 0..=events.len() {
        let rest = read_from(&prediction, from);
        assert!(all.ends_with(&rest), "from {from}");
        assert_eq!(parse(&rest).len(), events.len() - from, "from {from}");
    }
    let (nothing, next) = prediction.events_from(usize::MAX);
    assert!(nothing.is_empty() && next == usize::MAX, "who is ahead of everything waits");
}

/// A prediction in which happens what the bytes say.
fn happened(source: &mut Source<'_>) -> (Prediction, Expected) {
    let mut prediction = Prediction::new(source.text(), Map::new(), Delivery::Iterator);
    let mut expected = Expected::default();
    while expected.names.len() < MOST
        && let Some(choice) = source.byte()
    {
        match choice % 8 {
            0 | 1 => {
                let text = source.text();
                let from = if choice % 8 == 0 { LogSource::Stdout } else { LogSource::Stderr };
                prediction.printed(from, &text);
                expected.names.push("log");
                expected.logs.push_str(&text);
            }
            2 | 3 => {
                let text = source.text();
                let piece = RawValue::from_string(text.clone()).or_else(|_| to_raw_value(&text));
                let piece = piece.expect("text is JSON");
                expected.names.push("output");
                // Line breaks between the parts of a value do not survive, and mean nothing.
                expected.pieces.push(piece.get().replace(['\n', '\r'], " "));
                prediction.produced(piece);
            }
            4 | 5 => {
                let mode = [MetricMode::Replace, MetricMode::Increment, MetricMode::Append];
                let mode = mode[usize::from(choice >> 4) % mode.len()];
                let name = source.text();
                let value = serde_json::from_slice(source.bytes()).unwrap_or(Value::from(1));
                if prediction.measured(name, value, mode).is_ok() {
                    expected.names.push("metric");
                }
            }
            6 => {
                prediction.begun();
                expected.names.push("start");
            }
            _ => {
                let outcome = match source.byte() {
                    Some(0) => Outcome::Failed(source.text()),
                    Some(1) => Outcome::Canceled,
                    _ => Outcome::Succeeded,
                };
                prediction.ended(outcome, Duration::from_millis(1));
                expected.names.push("completed");
                break;
            }
        }
    }
    (prediction, expected)
}

fn read_from(prediction: &Prediction, mut from: usize) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let (text, next) = prediction.events_from(from);
        if text.is_empty() {
            return all;
        }
        assert!(next > from, "reading comes on");
        all.extend_from_slice(&text);
        from = next;
    }
}

/// An event as the standard reads it.
#[derive(Default)]
struct Read {
    name: String,
    id: String,
    data: String,
}

#[derive(Deserialize)]
struct Log {
    data: String,
}

#[derive(Deserialize)]
struct Piece<'a> {
    #[serde(borrow)]
    chunk: &'a RawValue,
    index: usize,
}

fn read_as<'a, T: Deserialize<'a>>(data: &'a str) -> T {
    serde_json::from_str(data).unwrap_or_else(|error| panic!("{data:?}: {error}"))
}

/// The standard's own algorithm: lines end with CRLF, LF or CR; an event ends with an empty line.
fn parse(stream: &[u8]) -> Vec<Read> {
    let text = std::str::from_utf8(stream).expect("a stream of events is UTF-8");
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    assert!(text.is_empty() || text.ends_with("\n\n"), "a batch ends with an event's end");
    let mut events = Vec::new();
    let mut event = Read::default();
    for line in text.split('\n') {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" if line.is_empty() && !event.data.is_empty() => events.push(std::mem::take(&mut event)),
            "event" => value.clone_into(&mut event.name),
            "id" => value.clone_into(&mut event.id),
            "data" => {
                assert!(event.data.is_empty(), "data is one line");
                value.clone_into(&mut event.data);
            }
            _ => assert!(line.is_empty(), "{line:?} is no field"),
        }
    }
    events
}
