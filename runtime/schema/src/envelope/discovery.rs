//! The document at `/`, which says where everything else is.

use serde::{Deserialize, Serialize};

/// The document at `/`. Fields are in the wire's (sorted) order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the address of what it is named after")]
pub struct Discovery {
    pub cog_version: String,
    pub docs_url: String,
    pub healthcheck_url: String,
    pub openapi_url: String,
    pub predictions_cancel_url: String,
    pub predictions_idempotent_url: String,
    pub predictions_url: String,
    pub shutdown_url: String,
    /// Like the other two of trainings, only where the model has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trainings_cancel_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trainings_idempotent_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trainings_url: Option<String>,
}

impl Discovery {
    /// The document of a server of that version; `trains` is whether its model can be trained.
    pub fn new(version: impl Into<String>, trains: bool) -> Self {
        let of_trainings = |url: &str| trains.then(|| url.to_owned());
        Self {
            cog_version: version.into(),
            docs_url: "/docs".to_owned(),
            healthcheck_url: "/health-check".to_owned(),
            openapi_url: "/openapi.json".to_owned(),
            predictions_cancel_url: "/predictions/{prediction_id}/cancel".to_owned(),
            predictions_idempotent_url: "/predictions/{prediction_id}".to_owned(),
            predictions_url: "/predictions".to_owned(),
            shutdown_url: "/shutdown".to_owned(),
            trainings_cancel_url: of_trainings("/trainings/{training_id}/cancel"),
            trainings_idempotent_url: of_trainings("/trainings/{training_id}"),
            trainings_url: of_trainings("/trainings"),
        }
    }
}
