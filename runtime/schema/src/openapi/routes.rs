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

/// The routes of training.
pub(super) fn training_paths() -> Map<String, Value> {
    let train = json!({"post": {
        "summary": "Train",
        "description": "Run a single training on the model",
        "operationId": "train_trainings_post",
        "requestBody": {"content": body(reference("TrainingRequest"))},
        "responses": {"200": answer(reference("TrainingResponse")), "422": refusal()},
    }});
    let cancel = json!({"post": {
        "summary": "Cancel",
        "operationId": "cancel_trainings__training_id__cancel_post",
        "parameters": [{
            "in": "path",
            "name": "training_id",
            "required": true,
            "schema": {"title": "Training Id", "type": "string"},
        }],
        "responses": {"200": answer(json!({})), "422": refusal()},
    }});
    let entries = [("/trainings", train), ("/trainings/{training_id}/cancel", cancel)];
    entries.into_iter().map(|(path, item)| (path.to_owned(), item)).collect()
}

/// The envelope around an input and an output whose components have that prefix.
pub(super) fn components(envelope: &str, prefix: &str) -> Map<String, Value> {
    let (input, output) = (format!("{prefix}Input"), format!("{prefix}Output"));
    let (request, response) = (format!("{envelope}Request"), format!("{envelope}Response"));
    let time = |title: &str| json!({"title": title, "type": "string", "format": "date-time"});
    let entries = [
        (
            request.clone(),
            json!({
                "title": request,
                "type": "object",
                "properties": {"id": text("Id"), "input": reference(&input)},
            }),
        ),
        (
            response.clone(),
            json!({
                "title": response,
                "type": "object",
                "properties": {
                    "input": reference(&input),
                    "output": reference(&output),
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
    ];
    entries.into_iter().collect()
}

/// The components that every envelope shares.
pub(super) fn shared_components() -> Map<String, Value> {
    let entries = [
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

fn text(title: &str) -> Value {
    json!({"title": title, "type": "string"})
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
