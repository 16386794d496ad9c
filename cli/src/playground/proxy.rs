//! `/proxy/*`: the page's requests to the model, as they are, and its answers as they come.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use reqwest::Client;
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use super::headers::{TARGET, inbound, outbound};
use super::target::Target;

/// How long a model may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a request may take to come.
const READ: Duration = Duration::from_secs(300);

/// The way to models.
#[derive(Debug)]
pub(super) struct Proxy {
    /// For models on this machine.
    direct: Client,
    /// For models elsewhere, by whatever proxy leads there.
    remote: Client,
}

impl Proxy {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        // Where a model sends one is for the page to see, not for this program to follow.
        let client =
            || Client::builder().connect_timeout(CONNECT).redirect(reqwest::redirect::Policy::none());
        Ok(Self { direct: client().no_proxy().build()?, remote: client().build()? })
    }
}

/// Passes a request on to the model that its header names.
pub(super) async fn forward(State(proxy): State<Arc<Proxy>>, request: Request) -> Response {
    let target = request.headers().get(TARGET).and_then(|target| target.to_str().ok());
    let Some(target) = target.and_then(Target::parse) else {
        let why = "`X-Cog-Target` has to be the origin of a model, `http://localhost:8393`";
        return failure(StatusCode::BAD_REQUEST, why);
    };
    let (head, body) = request.into_parts();
    let path = head.uri.path().strip_prefix("/proxy").unwrap_or_default();
    let client = if target.is_local() { &proxy.direct } else { &proxy.remote };
    let mut asked =
        client.request(head.method, target.at(path, head.uri.query())).headers(outbound(&head.headers));
    if has_body(&head.headers) {
        asked = asked.body(reqwest::Body::wrap_stream(in_time(body)));
    }
    match asked.send().await {
        Ok(answer) => {
            let headers = inbound(answer.status(), answer.headers());
            let mut response = Response::new(Body::empty());
            *response.status_mut() = answer.status();
            *response.headers_mut() = headers;
            *response.body_mut() = Body::from_stream(answer.bytes_stream());
            response
        }
        Err(error) => failure(StatusCode::BAD_GATEWAY, &format!("{}: {}", target.origin(), cause(&error))),
    }
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0")
}

/// A body that has to have come in time.
fn in_time(body: Body) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    let until = Instant::now() + READ;
    stream::unfold(Some(body.into_data_stream()), move |parts| async move {
        let mut parts = parts?;
        match timeout_at(until, parts.next()).await {
            Ok(part) => part.map(|part| (part, Some(parts))),
            Err(late) => Some((Err(axum::Error::new(late)), None)),
        }
    })
}

fn failure(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}

/// What is at the bottom of it; the rest names URLs that the page knows.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
