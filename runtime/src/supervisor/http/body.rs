//! Reading what a request asks for, with each refusal in its turn: content type, size, JSON, shape.

use axum::body::{Body, Bytes};
use axum::extract::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cog_schema::envelope::PredictionRequest;

use super::create::NOT_READY;
use super::memory::Share;
use super::{Context, collect, form, json, reply};
use crate::supervisor::fetch::Attached;

/// The largest body, in bytes.
pub(super) const LARGEST: usize = 100 << 20;

/// What a request asks for, with the files that came with it.
#[derive(Default)]
pub(in crate::supervisor) struct Received {
    pub(in crate::supervisor) request: PredictionRequest,
    pub(super) attached: Attached,
}

/// What a request asks for, or the refusal.
pub(super) async fn receive(
    context: &Context,
    headers: &HeaderMap,
    body: Body,
) -> Result<Received, Response> {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|declared| declared.to_str().ok());
    let Some(boundary) = declared.and_then(|declared| multer::parse_boundary(declared).ok()) else {
        let request = envelope(headers, body).await?;
        return Ok(Received { request, attached: Attached::default() });
    };
    // How a part is to be read depends on the input that it is for.
    let Some(model) = context.desk.model() else {
        return Err(reply::refused(StatusCode::SERVICE_UNAVAILABLE, NOT_READY));
    };
    form::read(boundary, body, &model.signature, context.settings.input_file_limit).await
}

/// The envelope of a request in JSON, or the refusal.
async fn envelope(headers: &HeaderMap, body: Body) -> Result<PredictionRequest, Response> {
    let declared = headers.get(header::CONTENT_TYPE);
    if declared.is_some_and(|declared| !declared.to_str().is_ok_and(is_json)) {
        return Err(reply::text(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Expected request with `Content-Type: application/json`",
        ));
    }
    let mut share = Share::default();
    let bytes = collect::bytes(body, &mut share).await?;
    if declared.is_none() {
        if bytes.is_empty() {
            return Ok(PredictionRequest::default());
        }
        if serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_err() {
            return Err(reply::text(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The request has a body without a content type, and it is not JSON. \
                 Expected request with `Content-Type: application/json`",
            ));
        }
    }
    json::read(bytes).await
}

#[expect(clippy::result_large_err, reason = "a refusal is an answer, and it is made once per request")]
pub(in crate::supervisor) fn parse(bytes: &Bytes) -> Result<PredictionRequest, Response> {
    if !json::is_bearable(bytes) {
        return Err(json::too_many());
    }
    // Axum says where the fault is, and keeps track of that all along: only where there is one.
    let parsed = serde_json::from_slice(bytes)
        .map(Json)
        .or_else(|_fault| Json::<PredictionRequest>::from_bytes(bytes));
    let is_array = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    match parsed {
        // Fields by position are an accident that nobody should come to rely on.
        Ok(_) if is_array => Err(reply::text(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Failed to deserialize the JSON body into the target type: invalid type: sequence, expected an \
             object at line 1 column 1",
        )),
        Ok(Json(request)) => Ok(request),
        Err(rejection) => Err(rejection.into_response()),
    }
}

/// `application/json` or `application/*+json`, whatever its parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence
        .strip_prefix("application/")
        .is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_recognised_with_parameters_and_suffixes() {
        for json in ["application/json", "application/json; charset=utf-8", "Application/Problem+JSON"] {
            assert!(is_json(json), "{json}");
        }
        for other in ["text/plain", "application/jsonp", "application/x-www-form-urlencoded", "json", ""] {
            assert!(!is_json(other), "{other}");
        }
    }

    #[test]
    fn an_array_is_no_envelope_however_well_it_fits() {
        let refusal = parse(&Bytes::from_static(b" [\"id\", {}]")).err().map(|response| response.status());
        assert_eq!(refusal, Some(StatusCode::UNPROCESSABLE_ENTITY));
    }
}
