//! The routes about the server itself.

use std::fs;
use std::sync::Once;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use cog_schema::envelope::{Discovery, Health, HealthStatus};
use futures_util::future::try_join_all;
use serde_json::json;
use tokio::sync::oneshot;

use super::{Context, create, preferences, reply};
use crate::command::Mode;
use crate::document::VERSION;
use crate::journal;
use crate::supervisor::dispatcher::Checkup;

/// How long the author's health check may take.
const OPINION_LIMIT: Duration = Duration::from_secs(5);
/// Whose existence tells Kubernetes that the model is ready.
const READY_FILE: &str = "/var/run/cog/ready";

/// `GET /`
pub(super) async fn discovery(State(context): State<Context>) -> Response {
    let trains = context.desk.model().is_some_and(|model| model.trains);
    reply::json(StatusCode::OK, &Discovery::new(VERSION, trains))
}

/// `GET /health-check`: always 200.
pub(super) async fn health(State(context): State<Context>) -> Response {
    let health = with_opinion(context.desk.health().await).await;
    if context.settings.kubernetes
        && matches!(health.status, HealthStatus::Ready | HealthStatus::Busy)
        && let Err(error) = touch_ready_file()
    {
        // Said once, not with every probe.
        static SAID: Once = Once::new();
        SAID.call_once(|| journal::warn(&format!("{READY_FILE} could not be made: {error}")));
    }
    reply::json(StatusCode::OK, &health)
}

async fn with_opinion(checkup: Checkup) -> Health {
    let Checkup { mut health, opinions } = checkup;
    // Of several workers, the first that is not well speaks.
    let all_well = try_join_all(opinions.into_iter().map(is_well));
    let error = match tokio::time::timeout(OPINION_LIMIT, all_well).await {
        Ok(Ok(_)) => return health,
        Ok(Err(error)) => error,
        Err(_) => {
            format!("user-defined healthcheck timed out after {:.1} seconds", OPINION_LIMIT.as_secs_f64())
        }
    };
    health.status = HealthStatus::Unhealthy;
    health.user_healthcheck_error = Some(format!("Healthcheck failed: {error}"));
    health
}

/// Whether one worker is well; its error if not.
async fn is_well(opinion: oneshot::Receiver<Option<String>>) -> Result<(), String> {
    match opinion.await {
        Ok(None) => Ok(()),
        Ok(Some(error)) => Err(error),
        Err(_) => Err("the model's process died meanwhile".to_owned()),
    }
}

fn touch_ready_file() -> std::io::Result<()> {
    if fs::exists(READY_FILE)? {
        return Ok(());
    }
    fs::create_dir_all("/var/run/cog")?;
    fs::write(READY_FILE, "")
}

/// `GET /openapi.json`
pub(super) async fn schema(State(context): State<Context>) -> Response {
    match context.desk.model() {
        Some(model) => reply::json_text(StatusCode::OK, model.document.as_bytes().to_vec()),
        None => reply::error(StatusCode::SERVICE_UNAVAILABLE, "OpenAPI schema not available"),
    }
}

/// `POST /shutdown`: answers, then shuts down.
pub(super) async fn shutdown(State(context): State<Context>) -> Response {
    // Full: somebody else has asked already.
    let _asked = context.shutdown.try_send(());
    reply::json(StatusCode::OK, &json!({}))
}

/// What this server does not do all its life: a server predicts or trains.
pub(super) async fn other_mode(State(context): State<Context>, headers: HeaderMap) -> Response {
    match context.settings.mode {
        Mode::Predict if preferences::wants_stream(&headers) => {
            reply::error(StatusCode::NOT_ACCEPTABLE, create::NO_TRAINING_STREAM)
        }
        Mode::Predict => {
            reply::refused(StatusCode::NOT_FOUND, "This server makes predictions; it does not train.")
        }
        Mode::Train => reply::refused(StatusCode::NOT_FOUND, "This server trains; it makes no predictions."),
    }
}
