//! The bytes of a body: bounded for itself, and for all bodies together.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::Body as _;

use super::arrival::TooSlow;
use super::body::LARGEST;
use super::memory::Share;
use super::reply;

/// How much of a body that is refused is read and dropped, so that the client gets to read the refusal.
const PATIENCE: usize = 2 * LARGEST;

/// All of a body, or the refusal. What it takes is taken from `share`.
pub(super) async fn bytes(mut body: Body, share: &mut Share) -> Result<Bytes, Response> {
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(LARGEST).min(LARGEST);
    let mut first: Option<Bytes> = None;
    let mut all: Vec<u8> = Vec::new();
    let mut length = 0;
    let mut short = false;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
        length += data.len();
        short = short || !share.grow(data.len());
        if short || length > LARGEST {
            (first, all) = (None, Vec::new());
            share.give_back();
            if length > PATIENCE {
                break;
            }
        } else if all.is_empty() && first.is_none() {
            first = Some(data);
        } else {
            if let Some(first) = first.take() {
                all.reserve(expected.max(first.len() + data.len()));
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&data);
        }
    }
    if length > LARGEST {
        return Err(reply::text(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Failed to buffer the request body: length limit exceeded",
        ));
    }
    if short {
        return Err(too_busy());
    }
    Ok(first.unwrap_or_else(|| all.into()))
}

/// The refusal of a body for which there is no memory.
pub(super) fn too_busy() -> Response {
    reply::later(
        StatusCode::SERVICE_UNAVAILABLE,
        "The server is reading too many large requests. Try again in a moment.",
    )
}

/// The refusal of a body that did not come whole.
pub(super) fn broken(error: &(dyn std::error::Error + 'static)) -> Response {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TooSlow>() {
            return reply::text(StatusCode::REQUEST_TIMEOUT, "The request body came too slowly");
        }
        cause = error.source();
    }
    reply::text(StatusCode::BAD_REQUEST, "Failed to buffer the request body")
}
