//! Who may use the playground: the person at this machine, by the page itself.
//!
//! A page of somebody else's can send requests to this machine, and can have its own name lead here. So three things
//! have to be right: where the connection comes from, what host it asks for, and which page it is of.

use std::net::{IpAddr, SocketAddr};

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Lets through what may be.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    match peer.ok_or("nobody knows where this comes from").and_then(|peer| admit(peer, request.headers())) {
        Ok(()) => next.run(request).await,
        Err(why) => (StatusCode::FORBIDDEN, why).into_response(),
    }
}

fn admit(peer: IpAddr, headers: &HeaderMap) -> Result<(), &'static str> {
    if !peer.to_canonical().is_loopback() {
        return Err("the playground is for the machine it runs on");
    }
    let host = only(headers, &header::HOST)?.ok_or("a request has to say which host it is for")?;
    let host: Authority = host.parse().map_err(|_| "this host is none")?;
    if !is_loopback(host.host()) {
        return Err("the playground answers by the name of localhost, or a loopback address, only");
    }
    let Some(origin) = only(headers, &header::ORIGIN)? else { return Ok(()) };
    let origin: Uri = origin.parse().map_err(|_| "this origin is none")?;
    match origin.authority() {
        Some(authority) if authority == &host => Ok(()),
        _ => Err("the playground answers its own page only"),
    }
}

/// A header that is there once, or not at all.
fn only<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Result<Option<&'a str>, &'static str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| "this header is no text"),
        _ => Err("this header may be there once"),
    }
}

/// Whether a host is this machine by name or address; IPv6 in brackets.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    fn admitted(peer: &str, headers: &[(header::HeaderName, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.clone(), value.parse().unwrap());
        }
        admit(peer.parse().unwrap(), &map).is_ok()
    }

    #[test]
    fn the_page_itself_is_served_by_any_name_of_this_machine() {
        for host in ["localhost:9000", "127.0.0.1:9000", "127.8.8.8", "[::1]:9000", "LOCALHOST"] {
            assert!(admitted("127.0.0.1", &[(header::HOST, host)]), "{host}");
            let origin = format!("http://{host}");
            assert!(
                admitted("::ffff:127.0.0.1", &[(header::HOST, host), (header::ORIGIN, &origin)]),
                "{host}"
            );
        }
    }

    #[test]
    fn other_machines_are_refused() {
        for peer in ["192.168.1.4", "172.17.0.2", "::ffff:10.0.0.1", "fe80::1"] {
            assert!(!admitted(peer, &[(header::HOST, "localhost:9000")]), "{peer}");
        }
    }

    #[test]
    fn names_that_lead_here_are_refused() {
        for host in ["evil.example", "localhost.evil.example", "192.168.1.4:9000", "0.0.0.0:9000", ""] {
            assert!(!admitted("127.0.0.1", &[(header::HOST, host)]), "{host}");
        }
        assert!(!admitted("127.0.0.1", &[]));
        assert!(!admitted("127.0.0.1", &[(header::HOST, "localhost"), (header::HOST, "evil.example")]));
    }

    #[test]
    fn pages_of_others_are_refused() {
        for origin in
            ["http://evil.example", "null", "http://localhost:3000", "http://localhost:9000.evil.example"]
        {
            let headers = [(header::HOST, "localhost:9000"), (header::ORIGIN, origin)];
            assert!(!admitted("127.0.0.1", &headers), "{origin}");
        }
    }
}
