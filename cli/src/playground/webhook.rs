//! Webhooks of the model, passed on to the page that waits for them.
//!
//! A page takes a token of its own making, listens at `/events?token=…`, and names `/webhook/TOKEN` to the model. This
//! is the one thing that others than the page may use, so all of it has limits.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

/// Most bytes of a webhook.
const LARGEST: usize = 10 << 20;
/// How many are taken at a time.
const AT_A_TIME: usize = 16;
/// How long one may take to come and to be passed on.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many pages may listen.
const LISTENERS: usize = 64;
/// How many webhooks wait for a page that is slow.
const WAITING: usize = 64;
/// After how long a silent line says that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Who listens, and what comes in at present.
#[derive(Debug)]
pub(super) struct Webhooks {
    listeners: Mutex<HashMap<String, Listener>>,
    turns: Semaphore,
    next: AtomicU64,
}

#[derive(Debug)]
struct Listener {
    number: u64,
    messages: mpsc::Sender<Bytes>,
}

impl Webhooks {
    pub(super) fn new() -> Self {
        Self { listeners: Mutex::default(), turns: Semaphore::new(AT_A_TIME), next: AtomicU64::new(0) }
    }

    /// The last to listen with a token is the one.
    fn listen(self: &Arc<Self>, token: String) -> Option<Listening> {
        let (messages, received) = mpsc::channel(WAITING);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        if listeners.len() >= LISTENERS && !listeners.contains_key(&token) {
            return None;
        }
        listeners.insert(token.clone(), Listener { number, messages });
        Some(Listening { webhooks: Arc::clone(self), token, number, received })
    }

    fn listener(&self, token: &str) -> Option<mpsc::Sender<Bytes>> {
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.get(token).map(|listener| listener.messages.clone())
    }
}

/// A page that listens; forgotten when dropped.
struct Listening {
    webhooks: Arc<Webhooks>,
    token: String,
    number: u64,
    received: mpsc::Receiver<Bytes>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut listeners = self.webhooks.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        if listeners.get(&self.token).is_some_and(|listener| listener.number == self.number) {
            listeners.remove(&self.token);
        }
    }
}

/// The query of `/events`.
#[derive(Debug, Deserialize)]
pub(super) struct Listen {
    #[serde(default)]
    token: String,
}

/// `/events?token=TOKEN`: what comes in for a token, as it does.
pub(super) async fn events(State(webhooks): State<Arc<Webhooks>>, Query(asked): Query<Listen>) -> Response {
    if !is_token(&asked.token) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some(listening) = webhooks.listen(asked.token) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let messages = stream::unfold((listening, true), async |(mut listening, first)| {
        if first {
            return Some((Ok::<_, Infallible>(Bytes::from_static(b": listening\n\n")), (listening, false)));
        }
        let message = match tokio::time::timeout(KEEP_ALIVE, listening.received.recv()).await {
            Ok(message) => message?,
            Err(_) => Bytes::from_static(b": keep-alive\n\n"),
        };
        Some((Ok(message), (listening, false)))
    });
    let mut response = Response::new(Body::from_stream(messages));
    let kind = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// `POST /webhook/TOKEN`
pub(super) async fn receive(
    State(webhooks): State<Arc<Webhooks>>,
    Path(token): Path<String>,
    request: Request,
) -> StatusCode {
    if !is_token(&token) {
        return StatusCode::NOT_FOUND;
    }
    let Ok(_turn) = webhooks.turns.try_acquire() else { return StatusCode::TOO_MANY_REQUESTS };
    let Some(listener) = webhooks.listener(&token) else { return StatusCode::SERVICE_UNAVAILABLE };
    match tokio::time::timeout(PATIENCE, pass_on(request, listener)).await {
        Ok(status) => status,
        Err(_) => StatusCode::REQUEST_TIMEOUT,
    }
}

async fn pass_on(request: Request, listener: mpsc::Sender<Bytes>) -> StatusCode {
    let (head, body) = request.into_parts();
    let length = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if length.and_then(|length| length.parse().ok()).is_some_and(|length: u64| length > LARGEST as u64) {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    let body = match Limited::new(body, LARGEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return StatusCode::PAYLOAD_TOO_LARGE,
        Err(_) => return StatusCode::BAD_REQUEST,
    };
    match listener.send(message(&head.headers, &body)).await {
        Ok(()) => StatusCode::NO_CONTENT,
        // It has left meanwhile.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A webhook as an event: `{"headers": {…}, "body": …}`, where a body that is no JSON is a text.
fn message(headers: &HeaderMap, body: &[u8]) -> Bytes {
    let body: Value =
        serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned().into());
    // A secret is for the receiver, and nobody looks at this one's screen to learn it.
    let shown = headers.iter().filter(|(name, _)| **name != header::AUTHORIZATION);
    let headers: BTreeMap<&str, String> = shown
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    format!("event: webhook\ndata: {}\n\n", json!({ "headers": headers, "body": body })).into()
}

/// A token nobody can guess: the page makes 128 bits of it.
fn is_token(token: &str) -> bool {
    (16..=64).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_of_json_whatever_came() {
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", HeaderValue::from_static("m1"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"));
        assert_eq!(
            message(&headers, b"{\n\"status\": \"processing\"\n}"),
            "event: webhook\ndata: {\"body\":{\"status\":\"processing\"},\"headers\":{\"webhook-id\":\"m1\"}}\n\n"
        );
        assert_eq!(
            message(&HeaderMap::new(), b"a\nb"),
            "event: webhook\ndata: {\"body\":\"a\\nb\",\"headers\":{}}\n\n"
        );
    }

    #[test]
    fn a_page_that_leaves_is_forgotten_unless_another_took_its_place() {
        let webhooks = Arc::new(Webhooks::new());
        let first = webhooks.listen("t".to_owned());
        let second = webhooks.listen("t".to_owned());
        drop(first);
        assert!(webhooks.listener("t").is_some());
        drop(second);
        assert!(webhooks.listener("t").is_none());
    }

    #[test]
    fn only_so_many_pages_listen() {
        let webhooks = Arc::new(Webhooks::new());
        let all: Vec<_> = (0..LISTENERS).map(|number| webhooks.listen(number.to_string())).collect();
        assert!(all.iter().all(Option::is_some));
        assert!(webhooks.listen("one more".to_owned()).is_none());
    }

    #[test]
    fn a_token_is_long_and_plain() {
        assert!(is_token("0123456789abcdef"));
        for bad in ["", "short", "0123456789abcde/", &"x".repeat(65)] {
            assert!(!is_token(bad), "{bad}");
        }
    }
}
