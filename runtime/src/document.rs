//! The OpenAPI document of a model.

use cog_schema::{Signature, openapi};
use serde_json::Value;

/// The document, as `GET /openapi.json` and `MODEL schema` show it.
pub(crate) fn document(prediction: &Signature, training: Option<&Signature>) -> Value {
    match training {
        None => openapi::document(prediction, VERSION),
        Some(training) => openapi::document_with_training(prediction, training, VERSION),
    }
}

/// The version of this runtime.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
