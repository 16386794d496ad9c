//! One prediction as a value: what the worker said about it so far, and how that looks from outside.

use std::time::Duration;

use cog_schema::Delivery;
use cog_schema::envelope::Status;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::metrics::Metrics;
use crate::model::MetricMode;
use crate::protocol::Outcome;

/// A prediction in flight.
pub(super) struct Prediction {
    id: String,
    /// The input as it may be shown: secrets masked.
    input: Map<String, Value>,
    delivery: Delivery,
    status: Status,
    logs: String,
    pieces: Vec<Box<RawValue>>,
    metrics: Metrics,
}

/// A prediction as a caller sees it. Serialised like `cog_schema::envelope::PredictionResponse`, with output
/// that is never taken apart.
#[derive(Debug, Serialize)]
pub(crate) struct Snapshot {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Map<String, Value>>,
    logs: String,
    metrics: Map<String, Value>,
    #[serde(skip_serializing_if = "Pieces::are_none")]
    output: Pieces,
    status: Status,
}

/// Output, as pieces of JSON text.
#[derive(Clone, Debug)]
enum Pieces {
    None,
    One(Option<Box<RawValue>>),
    List(Vec<Box<RawValue>>),
}

impl Pieces {
    fn are_none(&self) -> bool {
        matches!(self, Self::None)
    }

    fn so_far(pieces: Vec<Box<RawValue>>) -> Self {
        if pieces.is_empty() { Self::None } else { Self::List(pieces) }
    }
}

impl Serialize for Pieces {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None | Self::One(None) => to.serialize_unit(),
            Self::One(Some(value)) => value.serialize(to),
            Self::List(pieces) => pieces.serialize(to),
        }
    }
}

impl Prediction {
    pub(super) fn new(id: String, input: Map<String, Value>, delivery: Delivery) -> Self {
        Self {
            id,
            input,
            delivery,
            status: Status::Starting,
            logs: String::new(),
            pieces: Vec::new(),
            metrics: Metrics::default(),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The worker has it now.
    pub(super) fn begun(&mut self) {
        self.status = Status::Processing;
    }

    pub(super) fn printed(&mut self, text: &str) {
        self.logs.push_str(text);
    }

    pub(super) fn produced(&mut self, piece: Box<RawValue>) {
        self.pieces.push(piece);
    }

    pub(super) fn measured(&mut self, name: &str, value: Value, mode: MetricMode) -> Result<(), String> {
        self.metrics.record(name, value, mode)
    }

    /// How it stands, for somebody who joins it.
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            error: None,
            id: self.id.clone(),
            input: Some(self.input.clone()),
            logs: self.logs.clone(),
            metrics: self.metrics.tree().clone(),
            output: Pieces::so_far(self.pieces.clone()),
            status: self.status,
        }
    }

    /// Its last state. Logs, metrics and whatever output there is are kept however it ended.
    pub(super) fn ended(mut self, outcome: Outcome, took: Duration) -> Snapshot {
        let (status, error) = match outcome {
            Outcome::Succeeded => (Status::Succeeded, None),
            Outcome::Failed(error) => (Status::Failed, Some(error)),
            Outcome::Canceled => (Status::Canceled, None),
        };
        let output = match (status, self.delivery) {
            (Status::Succeeded, Delivery::Single) => Pieces::One(self.pieces.pop()),
            (Status::Succeeded, Delivery::Iterator | Delivery::Concatenate) => Pieces::List(self.pieces),
            _ => Pieces::so_far(self.pieces),
        };
        let mut metrics = self.metrics.tree().clone();
        metrics.insert("predict_time".to_owned(), Value::from(took.as_secs_f64()));
        Snapshot { error, id: self.id, input: None, logs: self.logs, metrics, output, status }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    type Tested = Result<(), serde_json::Error>;

    fn with_pieces(delivery: Delivery, pieces: &[&str]) -> Result<Prediction, serde_json::Error> {
        let mut prediction = Prediction::new("p".into(), Map::new(), delivery);
        prediction.begun();
        for piece in pieces {
            prediction.produced(serde_json::value::to_raw_value(piece)?);
        }
        Ok(prediction)
    }

    fn ended(prediction: Prediction, outcome: Outcome) -> Result<Value, serde_json::Error> {
        serde_json::to_value(prediction.ended(outcome, Duration::from_millis(250)))
    }

    #[test]
    fn a_succeeded_prediction_has_its_output_and_no_error() -> Tested {
        let shown = ended(with_pieces(Delivery::Single, &["hi"])?, Outcome::Succeeded)?;
        let metrics = json!({"predict_time": 0.25});
        assert_eq!(
            shown,
            json!({"id": "p", "logs": "", "metrics": metrics, "output": "hi", "status": "succeeded"})
        );
        Ok(())
    }

    #[test]
    fn no_output_is_null_for_one_value_and_an_empty_list_for_pieces() -> Tested {
        for (delivery, output) in [(Delivery::Single, json!(null)), (Delivery::Iterator, json!([]))] {
            let shown = ended(with_pieces(delivery, &[])?, Outcome::Succeeded)?;
            assert_eq!(shown.get("output"), Some(&output));
        }
        Ok(())
    }

    #[test]
    fn a_failed_prediction_keeps_its_logs_and_the_pieces_so_far() -> Tested {
        let mut prediction = with_pieces(Delivery::Iterator, &["a", "b"])?;
        prediction.printed("about to fail\n");
        let shown = ended(prediction, Outcome::Failed("bad value".into()))?;
        assert_eq!(shown["output"], json!(["a", "b"]));
        assert_eq!(shown["logs"], json!("about to fail\n"));
        assert_eq!(shown["error"], json!("bad value"));
        Ok(())
    }

    #[test]
    fn a_canceled_prediction_without_pieces_has_no_output_at_all() -> Tested {
        let shown = ended(with_pieces(Delivery::Single, &[])?, Outcome::Canceled)?;
        assert_eq!(shown.get("output"), None);
        assert_eq!(shown.get("error"), None);
        assert_eq!(shown["status"], json!("canceled"));
        Ok(())
    }

    #[test]
    fn a_joined_prediction_shows_its_input_and_no_time_yet() -> Tested {
        let shown = serde_json::to_value(with_pieces(Delivery::Iterator, &["a"])?.snapshot())?;
        let expected = json!({"id": "p", "input": {}, "logs": "", "metrics": {}, "output": ["a"],
            "status": "processing"});
        assert_eq!(shown, expected);
        Ok(())
    }
}
