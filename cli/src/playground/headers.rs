//! What of a request's and an answer's headers goes through the playground.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Says which model a request is for.
pub(super) const TARGET: HeaderName = HeaderName::from_static("x-cog-target");
/// What the model's answer had for headers, as JSON in base64url.
pub(super) const UPSTREAM: HeaderName = HeaderName::from_static("x-cog-upstream-headers");

/// Most bytes of [`UPSTREAM`]; what would be longer is left out.
const LARGEST: usize = 32 << 10;

/// Headers that are about one connection.
const HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Headers of the page's request that are none of the model's business.
const PRIVATE: [HeaderName; 6] =
    [header::COOKIE, header::AUTHORIZATION, header::ORIGIN, header::REFERER, header::HOST, TARGET];

/// What the model gets to see.
pub(super) fn outbound(headers: &HeaderMap) -> HeaderMap {
    let named = named_by_connection(headers);
    kept(headers, |name| !PRIVATE.contains(name) && !named.contains(name))
}

/// What the page gets to see.
pub(super) fn inbound(status: StatusCode, headers: &HeaderMap) -> HeaderMap {
    let named = named_by_connection(headers);
    let mut answer = kept(headers, |name| {
        *name != header::SET_COOKIE
            && !(status.is_redirection() && *name == header::LOCATION)
            && !named.contains(name)
    });
    answer.remove(UPSTREAM);
    if let Some(all) = upstream(headers) {
        answer.insert(UPSTREAM, all);
    }
    answer
}

fn kept(headers: &HeaderMap, keep: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let pairs = headers.iter().filter(|(name, _)| !HOP.contains(name) && keep(name));
    pairs.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// `Connection: close, x-mine` makes `x-mine` one of those, too.
fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse().ok()).collect()
}

/// All headers of the model's answer but its cookies, as `{"name": ["value", …]}`.
fn upstream(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut all: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| **name != header::SET_COOKIE) {
        all.entry(name.as_str()).or_default().push(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let text = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&all).ok()?);
    if text.len() > LARGEST { None } else { HeaderValue::try_from(text).ok() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    fn of(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        headers
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        headers.keys().map(HeaderName::as_str).collect()
    }

    #[test]
    fn the_model_does_not_learn_who_asks() {
        let request = of(&[
            ("host", "localhost:9000"),
            ("cookie", "session=1"),
            ("authorization", "Bearer x"),
            ("origin", "http://localhost:9000"),
            ("referer", "http://localhost:9000/"),
            ("x-cog-target", "http://localhost:8393"),
            ("connection", "keep-alive, x-hop"),
            ("x-hop", "1"),
            ("accept", "text/event-stream"),
        ]);
        assert_eq!(names(&outbound(&request)), ["accept"]);
    }

    #[test]
    fn the_page_gets_no_cookie_and_is_sent_nowhere() {
        let answer = of(&[("set-cookie", "a=b"), ("location", "http://evil.example"), ("retry-after", "1")]);
        assert_eq!(names(&inbound(StatusCode::FOUND, &answer)), ["retry-after", "x-cog-upstream-headers"]);
        let created = inbound(StatusCode::CREATED, &answer);
        assert!(created.contains_key(header::LOCATION), "what is not a redirect says where something is");
    }

    #[test]
    fn what_the_model_said_is_told_beside() {
        let answer =
            inbound(StatusCode::OK, &of(&[("server", "x"), ("via", "a"), ("via", "b"), ("set-cookie", "c")]));
        let told = URL_SAFE_NO_PAD.decode(answer.get(UPSTREAM).unwrap()).unwrap();
        assert_eq!(String::from_utf8(told).unwrap(), r#"{"server":["x"],"via":["a","b"]}"#);
    }

    #[test]
    fn what_would_be_too_long_is_left_out() {
        let long = "x".repeat(LARGEST);
        assert_eq!(inbound(StatusCode::OK, &of(&[("x-long", &long)])).get(UPSTREAM), None);
    }
}
