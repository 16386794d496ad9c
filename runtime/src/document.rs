//! The OpenAPI document of a predictor.

use serde_json::Value;

use crate::model::Predictor;

/// The document, as `GET /openapi.json` and `MODEL schema` show it.
pub(crate) fn document<P: Predictor>() -> Value {
    cog_schema::openapi::document(&P::signature(), VERSION)
}

/// The version of this runtime.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
