//! Forms: read or refused, whatever they hold and however they are cut; and a text in one is read as it was sent.

use std::convert::Infallible;
use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use cog_schema::{Delivery, Input, Output, Signature, Type};
use futures_util::stream;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::source::Source;
use crate::supervisor::http::form;

const BOUNDARY: &str = "b";
const LARGEST_FILE: u64 = 64;

pub(super) fn target(bytes: &[u8]) {
    let mut source = Source(bytes);
    let cuts = source.bytes();
    match read(source.0, cuts) {
        Ok(input) => assert!(input.is_object(), "{input}"),
        Err(status) => assert!(
            matches!(
                status,
                StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY
            ),
            "refused with {status}"
        ),
    }
    let text = String::from_utf8_lossy(source.0);
    if !text.contains("--b") {
        let form = format!("--b\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\n{text}\r\n--b--\r\n");
        let input = read(form.as_bytes(), cuts).expect("a form that is one");
        assert_eq!(input["text"], *text);
    }
}

/// The input in a form that comes in pieces of these lengths.
fn read(form: &[u8], lengths: &[u8]) -> Result<Value, StatusCode> {
    let lengths = lengths.to_vec();
    let mut lengths = lengths.into_iter().map(|length| usize::from(length).max(1)).cycle();
    let mut rest = Bytes::copy_from_slice(form);
    let pieces = std::iter::from_fn(move || {
        let length = lengths.next().unwrap_or(usize::MAX).min(rest.len());
        (length > 0).then(|| Ok::<_, Infallible>(rest.split_to(length)))
    });
    let body = Body::from_stream(stream::iter(pieces));
    let received = RUNTIME.block_on(form::read(BOUNDARY.to_owned(), body, &SIGNATURE, LARGEST_FILE));
    match received {
        Ok(received) => Ok(received.request.input),
        Err(refusal) => Err(refusal.status()),
    }
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
});

static SIGNATURE: LazyLock<Signature> = LazyLock::new(|| Signature {
    inputs: vec![
        Input::new("text", Type::String),
        Input::new("file", Type::Path),
        Input::new("files", Type::List(Box::new(Type::Path))),
        Input::new("numbers", Type::List(Box::new(Type::Number))),
    ],
    output: Output { ty: Type::String, delivery: Delivery::Single },
});
