//! What a caller is told about a prediction.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::Status;

/// A prediction as it stands: the body of a finished synchronous request, of a joined one, of webhooks.
/// Fields are in the wire's (sorted) order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictionResponse {
    /// Why it failed; only there where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Its id.
    pub id: String,
    /// The input, secrets masked; only there where a request joined a running prediction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Map<String, Value>>,
    /// Log text so far.
    #[serde(default)]
    pub logs: String,
    /// Metrics; `predict_time` (seconds) is among them once the prediction has ended.
    #[serde(default)]
    pub metrics: Map<String, Value>,
    /// The output, or the pieces so far; absent where nothing was produced. `Some(Null)` is an output of null.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub output: Option<Value>,
    /// Where it stands.
    pub status: Status,
}

impl PredictionResponse {
    /// A prediction of which nothing but its status is known yet.
    pub fn new(id: impl Into<String>, status: Status) -> Self {
        Self {
            error: None,
            id: id.into(),
            input: None,
            logs: String::new(),
            metrics: Map::new(),
            output: None,
            status,
        }
    }
}

/// The answer to an asynchronous request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The prediction's id.
    pub id: String,
    /// Where it stands: `starting`.
    pub status: Status,
}

/// The body of a refusal that has no other shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: String,
    /// `failed` where the prediction was refused for want of readiness or room; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

fn present<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(input).map(Some)
}
