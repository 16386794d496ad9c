//! JSON of any size: a large body is read where it holds up nobody, and not at all where it would take many times its
//! size in memory.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;
use cog_schema::envelope::PredictionRequest;
use tokio::sync::Semaphore;

use super::{body, reply};
use crate::supervisor::aside;

/// From how many bytes on a body is large.
const LARGE: usize = 1 << 20;
/// How many large bodies are read at the same time.
static READING: Semaphore = Semaphore::const_new(2);
/// How many values a body may have, where an object counts as [`OBJECT`] of them.
const MOST_VALUES: usize = 10_000_000;
/// What an object takes, in memory, more than a number.
const OBJECT: usize = 20;

/// The envelope in a body, or the refusal.
#[expect(clippy::result_large_err, reason = "a refusal is an answer, and it is made once per request")]
pub(super) async fn read(bytes: Bytes) -> Result<PredictionRequest, Response> {
    if bytes.len() < LARGE {
        return body::parse(&bytes);
    }
    // Nobody closes it.
    let _turn = READING.acquire().await.ok();
    match aside::compute(move || body::parse(&bytes)).await {
        Some(parsed) => parsed,
        None => Err(reply::error(StatusCode::INTERNAL_SERVER_ERROR, "The request could not be read.")),
    }
}

/// The refusal of JSON that has too many values.
pub(super) fn too_many() -> Response {
    reply::text(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("The request has more than {MOST_VALUES} values (an object counts as {OBJECT})."),
    )
}

/// Whether JSON of this text has few enough values.
pub(super) fn is_bearable(text: &[u8]) -> bool {
    text.len() < LARGE || values(text) <= MOST_VALUES
}

/// How many values there are at most, so weighed; what is no JSON may have any number.
fn values(text: &[u8]) -> usize {
    let mut count = 1;
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b',' | b'[' | b'{')) {
        count += match rest[at] {
            b'{' => OBJECT,
            b'"' => 0,
            _ => 1,
        };
        let after = &rest[at + 1..];
        rest = if rest[at] == b'"' { after_text(after) } else { after };
    }
    count
}

/// What follows a text whose quotation mark was read.
fn after_text(mut rest: &[u8]) -> &[u8] {
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        let skipped = if rest[at] == b'"' { 1 } else { 2 };
        let after = rest.get(at + skipped..).unwrap_or_default();
        if skipped == 1 {
            return after;
        }
        rest = after;
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_what_is_inside_of_texts_is_none() {
        for (text, count) in [
            ("1", 1),
            ("[1,2,3]", 4),
            (r#"{"a":1,"b":"[,{\",\\"}"#, 2 + OBJECT),
            (r#"["\\",1]"#, 3),
            (r#"["\"#, 2),
            ("[{},{}]", 3 + 2 * OBJECT),
        ] {
            assert_eq!(values(text.as_bytes()), count, "{text}");
        }
    }

    #[test]
    fn many_small_objects_are_too_much_where_one_long_text_is_not() {
        assert!(is_bearable(format!("[{}]", vec!["1"; 1_000_000].join(",")).as_bytes()));
        assert!(is_bearable(format!("{:?}", ",{[".repeat(5_000_000)).as_bytes()));
        assert!(!is_bearable(format!("[{}]", vec![r#"{"":0}"#; 600_000].join(",")).as_bytes()));
    }
}
