//! What orchestrators ask, answered by the status code.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use cog_schema::envelope::HealthStatus;

use super::{Context, reply};

/// `GET /livez`: 503 where only a restart can help.
pub(super) async fn live(State(context): State<Context>) -> Response {
    match context.desk.standing().await.map(|standing| standing.status) {
        None => reply::text(StatusCode::SERVICE_UNAVAILABLE, "the server is ending"),
        Some(lost @ (HealthStatus::SetupFailed | HealthStatus::Defunct)) => {
            reply::text(StatusCode::SERVICE_UNAVAILABLE, lost.to_string())
        }
        Some(status) => reply::text(StatusCode::OK, status.to_string()),
    }
}

/// `GET /readyz`: 200 where a prediction would be taken, now or after the ones that run.
pub(super) async fn ready(State(context): State<Context>) -> Response {
    match context.desk.standing().await {
        Some(standing) if standing.draining => reply::text(StatusCode::SERVICE_UNAVAILABLE, "DRAINING"),
        Some(standing) => match standing.status {
            status @ (HealthStatus::Ready | HealthStatus::Busy) => {
                reply::text(StatusCode::OK, status.to_string())
            }
            status => reply::text(StatusCode::SERVICE_UNAVAILABLE, status.to_string()),
        },
        None => reply::text(StatusCode::SERVICE_UNAVAILABLE, "the server is ending"),
    }
}

/// `GET /metrics`
pub(super) async fn metrics(State(context): State<Context>) -> Response {
    let Some(text) = context.desk.metrics().await else {
        return reply::text(StatusCode::SERVICE_UNAVAILABLE, "the server is ending");
    };
    let mut page = reply::text(StatusCode::OK, text);
    let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    page.headers_mut().insert(header::CONTENT_TYPE, format);
    page
}
