//! What a caller says about the answer, in headers.

use std::time::Duration;

use axum::http::{HeaderMap, header};

use crate::supervisor::dispatcher::Caller;

/// What the caller does while the prediction runs.
pub(super) fn caller(headers: &HeaderMap) -> Caller {
    if wants_stream(headers) {
        Caller::Streams
    } else if preferences(headers).any(|(name, _)| name.eq_ignore_ascii_case("respond-async")) {
        Caller::Leaves
    } else {
        Caller::Waits
    }
}

/// Whether any member of any `Accept` is exactly the media type of server-sent events.
pub(super) fn wants_stream(headers: &HeaderMap) -> bool {
    let members = headers.get_all(header::ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    members
        .flat_map(|accept| accept.split(','))
        .any(|member| member.split(';').next().unwrap_or_default().trim() == "text/event-stream")
}

/// `Prefer: wait=SECONDS`: how long the caller would wait for a slot.
pub(super) fn patience(headers: &HeaderMap) -> Option<Duration> {
    let mut waits = preferences(headers).filter(|(name, _)| name.eq_ignore_ascii_case("wait"));
    let seconds: u32 = waits.next()?.1.parse().ok()?;
    Some(Duration::from_secs(seconds.into()))
}

/// `Last-Event-ID`: the event after which to go on. What is no id of ours means from the beginning.
pub(super) fn last_event(headers: &HeaderMap) -> Option<usize> {
    headers.get("last-event-id")?.to_str().ok()?.trim().parse().ok()
}

/// `Cancel-After`: when the prediction is to be given up, as `90`, `90s`, `5m` or `1m30s`.
///
/// # Errors
/// A sentence, where it is no time.
pub(super) fn cancel_after(headers: &HeaderMap) -> Result<Option<Duration>, String> {
    let Some(value) = headers.get("cancel-after") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    match duration(text) {
        Some(limit) if !limit.is_zero() => Ok(Some(limit)),
        _ => Err(format!(
            "`Cancel-After: {text}` is no time; it is seconds (`90`), or like `90s`, `5m`, `1m30s`"
        )),
    }
}

/// The headers by which a trace is followed, as they are.
pub(super) fn trace(headers: &HeaderMap) -> Vec<(String, String)> {
    let given = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?;
        Some((name.to_owned(), value.to_owned()))
    };
    ["traceparent", "tracestate"].into_iter().filter_map(given).collect()
}

/// The preferences of all `Prefer` headers: names and values, less parameters.
fn preferences(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let texts = headers.get_all("prefer").iter().filter_map(|prefer| prefer.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(|preference| {
        let preference = preference.split(';').next().unwrap_or_default();
        let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
        (name.trim(), value.trim().trim_matches('"'))
    })
}

fn duration(text: &str) -> Option<Duration> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    let mut sum = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let number: u64 = number.parse().ok()?;
        let unit = after.chars().next()?;
        let seconds = match unit {
            's' => number,
            'm' => number.checked_mul(60)?,
            'h' => number.checked_mul(3600)?,
            _ => return None,
        };
        sum = sum.checked_add(Duration::from_secs(seconds))?;
        rest = &after[1..];
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(given: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        given.iter().map(pair).collect()
    }

    #[test]
    fn every_prefer_header_is_read_in_full() {
        for asynchronous in [
            &[("prefer", "respond-async")][..],
            &[("prefer", "Respond-Async")],
            &[("prefer", "respond-async; x=1, wait=5")],
            &[("prefer", "wait=1"), ("prefer", "respond-async")],
        ] {
            assert_eq!(caller(&headers(asynchronous)), Caller::Leaves, "{asynchronous:?}");
        }
        for synchronous in [&[("prefer", "wait=5")][..], &[("prefer", "respond-asynchronously")], &[]] {
            assert_eq!(caller(&headers(synchronous)), Caller::Waits, "{synchronous:?}");
        }
        assert_eq!(patience(&headers(&[("prefer", "foo, wait=5")])), Some(Duration::from_secs(5)));
        assert_eq!(patience(&headers(&[("prefer", "wait=soon")])), None);
    }

    #[test]
    fn a_stream_is_asked_for_by_its_exact_name() {
        for (accept, stream) in [
            ("text/event-stream", true),
            ("application/json, text/event-stream;q=0.1", true),
            ("Text/Event-Stream", false),
            ("*/*", false),
        ] {
            assert_eq!(wants_stream(&headers(&[("accept", accept)])), stream, "{accept}");
        }
        let both = headers(&[("accept", "text/event-stream"), ("prefer", "respond-async")]);
        assert_eq!(caller(&both), Caller::Streams);
    }

    #[test]
    fn times_are_read_with_and_without_units() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("5m", 300), ("1h1m30s", 3690)] {
            let limit = cancel_after(&headers(&[("cancel-after", text)]));
            assert_eq!(limit, Ok(Some(Duration::from_secs(seconds))), "{text}");
        }
        for wrong in ["", "0", "soon", "5d", "s", "1m30", "99999999999999999999", "-1", "5é"] {
            let value = HeaderValue::from_bytes(wrong.as_bytes());
            let headers =
                value.map(|value| HeaderMap::from_iter([(HeaderName::from_static("cancel-after"), value)]));
            assert!(headers.is_ok_and(|headers| cancel_after(&headers).is_err()), "{wrong}");
        }
        assert_eq!(cancel_after(&headers(&[])), Ok(None));
    }
}
