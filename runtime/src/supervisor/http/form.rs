//! Requests as `multipart/form-data`: each part is an input, and files go to disk as they come.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::BoxError;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::Response;
use cog_schema::envelope::{Detail, PredictionRequest, ValidationBody};
use cog_schema::{Input, Signature};
use futures_util::{Stream, StreamExt};
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde_json::{Map, Value};
use tokio::io::AsyncWriteExt;

use super::body::{LARGEST, Received};
use super::memory::Share;
use super::{collect, json, reply};
use crate::supervisor::fetch::Attached;

/// The part that holds the envelope's other members, as JSON: `id`, `webhook`, `context`, and in `input` the inputs that
/// have no part of their own.
const ENVELOPE: &str = "envelope";

/// How many bytes may come that no part holds: boundaries, the heads of parts.
const MOST_OVERHEAD: usize = 1 << 20;

/// Reads a form. `largest` is the most bytes that a file may have.
pub(in crate::supervisor) async fn read(
    boundary: String,
    body: Body,
    signature: &Signature,
    largest: u64,
) -> Result<Received, Response> {
    // Text has the limit that it has in JSON; files, which go to disk, one of their own.
    let limits = SizeLimit::new().per_field(largest.max(LARGEST as u64));
    let unread = Arc::new(AtomicUsize::new(0));
    let bytes = bounded(body, Arc::clone(&unread));
    let mut parts = Multipart::with_constraints(bytes, boundary, Constraints::new().size_limit(limits));
    let mut form = Form {
        signature,
        largest,
        unread,
        share: Share::default(),
        texts: Vec::new(),
        length: 0,
        files: Map::new(),
        attached: Attached::default(),
    };
    let mut request = PredictionRequest::default();
    while let Some(part) = parts.next_field().await.map_err(|error| damaged(&error))? {
        let Some(name) = part.name().map(str::to_owned) else {
            return Err(reply::text(StatusCode::BAD_REQUEST, "A part of the form has no name."));
        };
        if name == ENVELOPE && signature.input(ENVELOPE).is_none() {
            let text = form.text(part).await?;
            request = serde_json::from_str(&text).map_err(|error| {
                let fault = format!("The part `{ENVELOPE}` is not the JSON of an envelope: {error}");
                reply::text(StatusCode::UNPROCESSABLE_ENTITY, fault)
            })?;
        } else {
            form.take(name, part).await?;
        }
    }
    request.input = form.input(request.input)?;
    Ok(Received { request, attached: form.attached })
}

/// The bytes of a body, as long as there are not too many that no part holds.
fn bounded(body: Body, unread: Arc<AtomicUsize>) -> impl Stream<Item = Result<Bytes, BoxError>> {
    body.into_data_stream().map(move |bytes| {
        let bytes = bytes.map_err(BoxError::from)?;
        let before = unread.fetch_add(bytes.len(), Ordering::Relaxed);
        if before + bytes.len() > MOST_OVERHEAD { Err(TooMuch.into()) } else { Ok(bytes) }
    })
}

/// More than [`MOST_OVERHEAD`].
#[derive(Debug)]
struct TooMuch;

struct Form<'a> {
    signature: &'a Signature,
    largest: u64,
    /// How many bytes have come that no part held.
    unread: Arc<AtomicUsize>,
    /// The memory for texts.
    share: Share,
    /// Names with the texts given for each, in order.
    texts: Vec<(String, Vec<String>)>,
    /// How many bytes of text there are so far.
    length: usize,
    /// Names with what stands for the files given for each.
    files: Map<String, Value>,
    attached: Attached,
}

impl Form<'_> {
    async fn take(&mut self, name: String, part: Field<'_>) -> Result<(), Response> {
        match part.file_name().map(str::to_owned) {
            Some(file) => self.file(name, &file, part).await,
            None => {
                let text = self.text(part).await?;
                match self.texts.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, texts)) => texts.push(text),
                    None => self.texts.push((name, vec![text])),
                }
                Ok(())
            }
        }
    }

    /// Some more of what a part holds.
    async fn chunk(&self, part: &mut Field<'_>) -> Result<Option<Bytes>, Response> {
        let chunk = part.chunk().await.map_err(|error| damaged(&error))?;
        self.unread.fetch_sub(chunk.as_ref().map_or(0, Bytes::len), Ordering::Relaxed);
        Ok(chunk)
    }

    async fn text(&mut self, mut part: Field<'_>) -> Result<String, Response> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk(&mut part).await? {
            self.length += chunk.len();
            if !self.share.grow(chunk.len()) {
                return Err(collect::too_busy());
            }
            if self.length > LARGEST {
                return Err(reply::text(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "The texts of the form are over 100 MiB.",
                ));
            }
            bytes.extend_from_slice(&chunk);
        }
        if !json::is_bearable(&bytes) {
            return Err(json::too_many());
        }
        String::from_utf8(bytes)
            .map_err(|_| reply::text(StatusCode::BAD_REQUEST, "A text of the form is not UTF-8."))
    }

    async fn file(&mut self, name: String, file: &str, mut part: Field<'_>) -> Result<(), Response> {
        let declared = self.signature.input(&name);
        if declared.is_some_and(|declared| !declared.ty.holds_path()) {
            return Err(invalid(&name, "a file was sent, and this input is none"));
        }
        let disk = |error: std::io::Error| {
            let fault = format!("The file `{name}` could not be written: {error}");
            reply::error(StatusCode::INSUFFICIENT_STORAGE, &fault)
        };
        let (text, mut written) = self.attached.create(file).await.map_err(disk)?;
        let mut length = 0;
        while let Some(chunk) = self.chunk(&mut part).await? {
            length += chunk.len() as u64;
            if length > self.largest {
                let fault =
                    format!("The file `{name}` is over {} bytes (COG_INPUT_FILE_LIMIT).", self.largest);
                return Err(reply::text(StatusCode::PAYLOAD_TOO_LARGE, fault));
            }
            written.write_all(&chunk).await.map_err(disk)?;
        }
        written.flush().await.map_err(disk)?;
        let list = declared.is_some_and(Input::takes_list);
        match self.files.get_mut(&name) {
            Some(Value::Array(files)) => files.push(text.into()),
            Some(_) => return Err(invalid(&name, "several files were sent, and this input is one")),
            None if list => drop(self.files.insert(name, Value::Array(vec![text.into()]))),
            None => drop(self.files.insert(name, text.into())),
        }
        Ok(())
    }

    /// The whole input: what the envelope had, less what parts say again.
    #[expect(clippy::result_large_err, reason = "a refusal is an answer, and it is made once per request")]
    fn input(&mut self, given: Value) -> Result<Value, Response> {
        let mut input = match given {
            Value::Object(given) => given,
            Value::Null => Map::new(),
            other => return Ok(other),
        };
        for (name, texts) in self.texts.drain(..) {
            let value = match (self.signature.input(&name), texts.as_slice()) {
                (Some(declared), [text]) => declared.coerce(text),
                (Some(declared), texts) => declared.coerce_all(texts),
                (None, texts) => texts.iter().map(String::as_str).collect(),
            };
            input.insert(name, value);
        }
        for (name, files) in std::mem::take(&mut self.files) {
            if input.insert(name.clone(), files).is_some() {
                return Err(invalid(&name, "it was given both as text and as a file"));
            }
        }
        Ok(input.into())
    }
}

impl fmt::Display for TooMuch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "more than {MOST_OVERHEAD} bytes beside what parts hold")
    }
}

impl std::error::Error for TooMuch {}

fn invalid(name: &str, fault: &str) -> Response {
    let body = ValidationBody { detail: vec![Detail::of_input(name, fault)] };
    reply::json(StatusCode::UNPROCESSABLE_ENTITY, &body)
}

fn damaged(error: &multer::Error) -> Response {
    match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            reply::text(StatusCode::PAYLOAD_TOO_LARGE, "A part of the form is too large.")
        }
        multer::Error::StreamReadFailed(error) if error.is::<TooMuch>() => reply::text(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("The form has more than {MOST_OVERHEAD} bytes beside what its parts hold."),
        ),
        multer::Error::StreamReadFailed(error) => collect::broken(&**error),
        error => reply::text(StatusCode::BAD_REQUEST, format!("The form cannot be read: {error}")),
    }
}
