//! Events as they come, by the rules of server-sent events.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::stream;

use super::reply;
use crate::supervisor::dispatcher::Joined;
use crate::supervisor::subscription::Subscription;

/// The answer to somebody who wants to read.
pub(super) fn joined(joined: Joined) -> Response {
    match joined {
        // An event source that gets this stops coming back.
        Joined::Read(subscription) if subscription.is_exhausted() => {
            let mut nothing = Response::new(Body::empty());
            *nothing.status_mut() = StatusCode::NO_CONTENT;
            nothing
        }
        Joined::Read(subscription) => events(subscription),
        Joined::Unknown => reply::unknown(),
        Joined::Crowded => reply::error(StatusCode::TOO_MANY_REQUESTS, "Too many stream subscribers"),
    }
}

/// The events, until the last.
pub(super) fn events(subscription: Subscription) -> Response {
    let texts = stream::unfold(subscription, async |mut subscription| {
        let text = subscription.next().await?;
        Some((Ok::<Bytes, std::convert::Infallible>(text), subscription))
    });
    let mut response = Response::new(Body::from_stream(texts));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
