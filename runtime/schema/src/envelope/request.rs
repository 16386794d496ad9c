//! What a caller sends to create a prediction.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The body of a request that creates a prediction. Unknown fields are ignored; an array is read by position
/// (hence the order of the fields).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictionRequest {
    /// The caller's name for the prediction; any text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The input, not yet checked; null and absent mean empty.
    #[serde(default = "empty_object")]
    pub input: Value,
    /// What the caller wants the predictor to know besides its input.
    #[serde(default)]
    pub context: BTreeMap<String, String>,
    /// Where events go; not checked to be a URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// Which events go there; all where the caller does not say.
    #[serde(default = "WebhookEvent::all", skip_serializing_if = "WebhookEvent::are_all")]
    pub webhook_events_filter: BTreeSet<WebhookEvent>,
}

/// An event that a webhook can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WebhookEvent {
    /// The prediction has begun to run.
    Start,
    /// A piece of output.
    Output,
    /// Log text.
    Logs,
    /// The prediction has ended.
    Completed,
}

impl WebhookEvent {
    /// Every event.
    pub fn all() -> BTreeSet<Self> {
        BTreeSet::from([Self::Start, Self::Output, Self::Logs, Self::Completed])
    }

    fn are_all(events: &BTreeSet<Self>) -> bool {
        *events == Self::all()
    }
}

impl PredictionRequest {
    /// A request with that input and nothing else.
    pub fn new(input: Map<String, Value>) -> Self {
        Self { input: Value::Object(input), ..Self::default() }
    }
}

impl Default for PredictionRequest {
    fn default() -> Self {
        Self {
            id: None,
            input: empty_object(),
            context: BTreeMap::new(),
            webhook: None,
            webhook_events_filter: WebhookEvent::all(),
        }
    }
}

fn empty_object() -> Value {
    Value::Object(Map::new())
}
