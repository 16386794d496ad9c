//! The parts of the document that are the same for every predictor: routes and envelope.

use serde_json::{Map, Value, json};

/// The routes that the document describes; the server has more.
pub(super) fn paths(streaming: bool) -> Value {
    let mut paths = json!({
        "/": {"get": {
            "summary": "Root",
            "operationId": "root__get",
            "responses": {"200": answer(json!({}))},
        }},
        "/health-check": {"get": {
            "summary": "Healthcheck",
            "operationId": "healthcheck_health_check_get",
            "responses": {"200": answer(json!({}))},
        }},
        "/predictions": {"post": {
            "summary": "Predict",
            "description": "Run a single prediction on the model",
            "operationId": "predict_predictions_post",
            "requestBody": {"content": body(reference("PredictionRequest"))},
            "responses": {"200": answer(reference("PredictionResponse")), "422": refusal()},
        }},
        "/predictions/{prediction_id}/cancel": {"post": {
            "summary": "Cancel",
            "operationId": "cancel_predictions__prediction_id__cancel_post",
            "parameters": [{
                "in": "path",
                "name": "prediction_id",
                "required": true,
                "schema": {"title": "Prediction Id", "type": "string"},
            }],
            "responses": {"200": answer(json!({})), "422": refusal()},
        }},
    });
    if streaming {
        paths["/predictions"]["post"]["x-cog-streaming"] = true.into();
    }
    paths
}

/// The components of the envelope.
pub(super) fn components() -> Map<String, Value> {
    let text = |title: &str| json!({"title": title, "type": "string"});
    let time = |title: &str| json!({"title": title, "type": "string", "format": "date-time"});
    let entries = [
        (
            "PredictionRequest",
            json!({
                "title": "PredictionRequest",
                "type": "object",
                "properties": {"id": text("Id"), "input": reference("Input")},
            }),
        ),
        (
            "PredictionResponse",
            json!({
                "title": "PredictionResponse",
                "type": "object",
                "properties": {
                    "input": reference("Input"),
                    "output": reference("Output"),
                    "id": text("Id"),
                    "version": text("Version"),
                    "created_at": time("Created At"),
                    "started_at": time("Started At"),
                    "completed_at": time("Completed At"),
                    "status": text("Status"),
                    "error": text("Error"),
                    "logs": text("Logs"),
                    "metrics": {"title": "Metrics", "type": "object"},
                },
            }),
        ),
        (
            "Status",
            json!({
                "title": "Status",
                "description": "An enumeration.",
                "type": "string",
                "enum": ["starting", "processing", "succeeded", "canceled", "failed"],
            }),
        ),
        (
            "HTTPValidationError",
            json!({
                "title": "HTTPValidationError",
                "type": "object",
                "properties": {
                    "detail": {"title": "Detail", "type": "array", "items": reference("ValidationError")},
                },
            }),
        ),
        (
            "ValidationError",
            json!({
                "title": "ValidationError",
                "type": "object",
                "required": ["loc", "msg", "type"],
                "properties": {
                    "loc": {
                        "title": "Location",
                        "type": "array",
                        "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                    },
                    "msg": text("Message"),
                    "type": text("Error Type"),
                },
            }),
        ),
    ];
    entries.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn reference(component: &str) -> Value {
    json!({"$ref": format!("{}{component}", super::COMPONENTS)})
}

fn body(schema: Value) -> Value {
    json!({"application/json": {"schema": schema}})
}

fn answer(schema: Value) -> Value {
    json!({"description": "Successful Response", "content": body(schema)})
}

fn refusal() -> Value {
    json!({"description": "Validation Error", "content": body(reference("HTTPValidationError"))})
}
