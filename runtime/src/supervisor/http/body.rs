//! Reading the envelope, with each refusal in its turn: content type, size, JSON, shape.

use axum::body::{Body, Bytes};
use axum::extract::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cog_schema::envelope::PredictionRequest;
use http_body_util::BodyExt;
use hyper::body::Body as _;

use super::reply;

/// The largest body, in bytes.
const LARGEST: usize = 100 << 20;
/// How much of a too large body is read and dropped, so that the client gets to read the refusal.
const PATIENCE: usize = 2 * LARGEST;

/// The envelope of a request, or the refusal.
pub(super) async fn envelope(headers: &HeaderMap, body: Body) -> Result<PredictionRequest, Response> {
    let declared = headers.get(header::CONTENT_TYPE);
    if declared.is_some_and(|declared| !declared.to_str().is_ok_and(is_json)) {
        return Err(reply::text(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Expected request with `Content-Type: application/json`",
        ));
    }
    let bytes = collect(body).await?;
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
    parse(&bytes)
}

#[expect(clippy::result_large_err, reason = "a refusal is an answer, and it is made once per request")]
fn parse(bytes: &Bytes) -> Result<PredictionRequest, Response> {
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

async fn collect(mut body: Body) -> Result<Bytes, Response> {
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(LARGEST).min(LARGEST);
    let mut first: Option<Bytes> = None;
    let mut all: Vec<u8> = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(reply::text(StatusCode::BAD_REQUEST, "Failed to buffer the request body"));
        };
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length > LARGEST {
            (first, all) = (None, Vec::new());
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
    Ok(first.unwrap_or_else(|| all.into()))
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
