//! The messages, one enum per direction.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::WireValue;
use crate::model::{LogSource, MetricMode};

/// The version of this protocol that [`FromWorker::Hello`] announces.
pub(crate) const VERSION: u32 = 1;

/// What the supervisor tells the worker. `run` numbers predictions; clients' ids never steer anything.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToWorker {
    /// Start a prediction on checked input; at most `concurrency` at a time.
    Run {
        run: u64,
        id: String,
        input: Box<RawValue>,
        context: BTreeMap<String, String>,
        /// Its place in its trace (a W3C `traceparent`), where somebody follows that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trace: Option<String>,
    },
    /// Give a prediction up. Unknown runs (already done) are ignored.
    Cancel { run: u64 },
    /// Run the author's health check; one at a time.
    Health { probe: u64 },
}

/// What the worker tells the supervisor.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromWorker {
    /// The first frame.
    Hello {
        /// [`VERSION`]; a supervisor refuses another.
        protocol: u32,
        /// How many predictions may run at the same time.
        concurrency: usize,
        /// The OpenAPI document.
        schema: Box<RawValue>,
    },
    /// A part of setup begins, by the author's name for it; it ends with the next one, or with setup.
    Phase { name: String },
    /// Setup succeeded; `health` says whether there is a health check to ask for.
    Ready { health: bool },
    /// Setup failed; the worker exits after this.
    SetupFailed { error: String },
    /// Log text; without a run it belongs to setup, or to no single prediction.
    Log { run: Option<u64>, source: LogSource, text: String },
    /// A piece of output.
    Output { run: u64, value: WireValue },
    /// A metric, already checked.
    Metric { run: u64, name: String, value: Value, mode: MetricMode },
    /// What a part of a prediction took; only of one whose trace is followed.
    Span { run: u64, name: String, times: SpanTimes },
    /// So many predictions are made by one call from here on.
    Batch { size: usize },
    /// The last word on a run.
    Done { run: u64, outcome: Outcome },
    /// How a health check went.
    Health { probe: u64, error: Option<String> },
}

/// When something began (nanoseconds since 1970) and how long it took (nanoseconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SpanTimes {
    pub(crate) start: u64,
    pub(crate) took: u64,
}

/// How a prediction ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It returned.
    Succeeded,
    /// It gave an error, or panicked.
    Failed(String),
    /// It noticed that it was cancelled.
    Canceled,
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;

    fn wire<M: Serialize>(message: &M) -> Result<String, serde_json::Error> {
        serde_json::to_string(message)
    }

    fn raw(value: &Value) -> Result<Box<RawValue>, serde_json::Error> {
        serde_json::value::to_raw_value(value)
    }

    #[test]
    fn each_message_to_the_worker_has_this_wire_form() -> Result<(), serde_json::Error> {
        let run = ToWorker::Run {
            run: 7,
            id: "a/b".into(),
            input: raw(&json!({"n": 1}))?,
            context: BTreeMap::from([("k".into(), "v".into())]),
            trace: None,
        };
        assert_eq!(wire(&run)?, r#"{"run":{"run":7,"id":"a/b","input":{"n":1},"context":{"k":"v"}}}"#);
        assert_eq!(wire(&ToWorker::Cancel { run: 7 })?, r#"{"cancel":{"run":7}}"#);
        assert_eq!(wire(&ToWorker::Health { probe: 2 })?, r#"{"health":{"probe":2}}"#);
        Ok(())
    }

    #[test]
    fn each_message_from_the_worker_has_this_wire_form() -> Result<(), serde_json::Error> {
        let hello = FromWorker::Hello { protocol: VERSION, concurrency: 2, schema: raw(&json!({}))? };
        assert_eq!(wire(&hello)?, r#"{"hello":{"protocol":1,"concurrency":2,"schema":{}}}"#);
        let phase = FromWorker::Phase { name: "weights".into() };
        assert_eq!(wire(&phase)?, r#"{"phase":{"name":"weights"}}"#);
        assert_eq!(wire(&FromWorker::Ready { health: true })?, r#"{"ready":{"health":true}}"#);
        assert_eq!(
            wire(&FromWorker::SetupFailed { error: "no weights".into() })?,
            r#"{"setup_failed":{"error":"no weights"}}"#
        );
        let log = FromWorker::Log { run: None, source: LogSource::Stderr, text: "x\n".into() };
        assert_eq!(wire(&log)?, r#"{"log":{"run":null,"source":"stderr","text":"x\n"}}"#);
        let output = FromWorker::Output { run: 7, value: WireValue::File(PathBuf::from("/tmp/o.png")) };
        assert_eq!(wire(&output)?, r#"{"output":{"run":7,"value":{"file":"/tmp/o.png"}}}"#);
        let metric =
            FromWorker::Metric { run: 7, name: "a.b".into(), value: json!(1), mode: MetricMode::Increment };
        assert_eq!(wire(&metric)?, r#"{"metric":{"run":7,"name":"a.b","value":1,"mode":"increment"}}"#);
        let span = FromWorker::Span { run: 7, name: "decode".into(), times: SpanTimes { start: 1, took: 2 } };
        assert_eq!(wire(&span)?, r#"{"span":{"run":7,"name":"decode","times":{"start":1,"took":2}}}"#);
        assert_eq!(wire(&FromWorker::Batch { size: 3 })?, r#"{"batch":{"size":3}}"#);
        for (outcome, form) in [
            (Outcome::Succeeded, r#""succeeded""#),
            (Outcome::Failed("bad".into()), r#"{"failed":"bad"}"#),
            (Outcome::Canceled, r#""canceled""#),
        ] {
            let done = FromWorker::Done { run: 7, outcome };
            assert_eq!(wire(&done)?, format!(r#"{{"done":{{"run":7,"outcome":{form}}}}}"#));
        }
        let health = FromWorker::Health { probe: 2, error: None };
        assert_eq!(wire(&health)?, r#"{"health":{"probe":2,"error":null}}"#);
        Ok(())
    }
}
