//! Answers: JSON without charset, and the two refusals that every client knows.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use cog_schema::envelope::{ErrorBody, Status};
use serde::Serialize;

/// An answer with a JSON body.
pub(super) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(text) => json_text(status, text),
        Err(error) => {
            crate::journal::error(&format!("an answer could not be written: {error}"));
            with_status(StatusCode::INTERNAL_SERVER_ERROR, Response::new(Body::empty()))
        }
    }
}

/// An answer whose JSON is written already.
pub(super) fn json_text(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    with_status(status, response)
}

/// A refusal with an `error` and the status `failed`.
pub(super) fn refused(status: StatusCode, error: &str) -> Response {
    json(status, &ErrorBody { error: error.to_owned(), status: Some(Status::Failed) })
}

/// A refusal with an `error` alone.
pub(super) fn error(status: StatusCode, error: &str) -> Response {
    json(status, &ErrorBody { error: error.to_owned(), status: None })
}

/// A refusal of what may be taken in a moment.
pub(super) fn later(status: StatusCode, error: &str) -> Response {
    let mut refusal = refused(status, error);
    refusal.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    refusal
}

/// A refusal for an id that nobody knows, or no more.
pub(super) fn unknown() -> Response {
    error(
        StatusCode::NOT_FOUND,
        "There is no prediction with this id in flight or among those that ended last.",
    )
}

/// A refusal in plain text.
pub(super) fn text(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    with_status(status, response)
}

fn with_status(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response
}
