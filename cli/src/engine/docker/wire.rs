//! Requests to the engine that bollard cannot make: an upgrade to a protocol of the engine's choice, and a stream of
//! JSON lines of which bollard would drop half the fields. One connection for each, closed by drop.

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, StreamExt};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::http::request::Builder;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;

use super::super::{Error, Result};
use super::address::Address;
use super::failure;

/// Sends `request` and takes over the connection.
pub(super) async fn upgrade(address: &Address, request: Builder) -> Result<hyper::upgrade::Upgraded> {
    // Held until the connection has changed hands.
    let (response, _connection) = send(address, request).await?;
    if response.status() == StatusCode::NOT_FOUND {
        return Err(Error::NoBuildKit);
    }
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(Error::Engine { reason: format!("no session to be had: {}", response.status()) });
    }
    hyper::upgrade::on(response).await.map_err(|error| lost(&error))
}

/// Sends `request` and yields the lines of the reply.
pub(super) async fn lines(
    address: &Address,
    request: Builder,
) -> Result<BoxStream<'static, Result<serde_json::Value>>> {
    let (response, connection) = send(address, request).await?;
    let status = response.status();
    let mut body = response.into_body();
    if !status.is_success() {
        let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let text = serde_json::from_slice::<serde_json::Value>(&bytes)
            .ok()
            .and_then(|value| value["message"].as_str().map(str::to_owned))
            .unwrap_or_else(|| String::from_utf8_lossy(&bytes).into_owned());
        return Err(failure::engine(&text));
    }
    let mut buffer = BytesMut::new();
    let lines = stream::poll_fn(move |context| {
        let _keep = &connection;
        loop {
            if let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                let line = buffer.split_to(end + 1);
                if line.trim_ascii().is_empty() {
                    continue;
                }
                return std::task::Poll::Ready(Some(parse(&line)));
            }
            match std::task::ready!(hyper::body::Body::poll_frame(std::pin::Pin::new(&mut body), context)) {
                Some(Ok(frame)) => buffer.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new())),
                Some(Err(error)) => {
                    return std::task::Poll::Ready(Some(Err(lost(&error))));
                }
                None if buffer.trim_ascii().is_empty() => return std::task::Poll::Ready(None),
                None => return std::task::Poll::Ready(Some(parse(&buffer.split()))),
            }
        }
    });
    Ok(lines.boxed())
}

fn parse(line: &[u8]) -> Result<serde_json::Value> {
    serde_json::from_slice(line).map_err(|error| Error::Engine { reason: format!("not JSON: {error}") })
}

fn lost(error: &hyper::Error) -> Error {
    Error::Lost { reason: failure::chain(error) }
}

/// Drives one connection for as long as it is held.
struct Connection(tokio::task::JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn send(address: &Address, request: Builder) -> Result<(Response<Incoming>, Connection)> {
    let stream = address.dial().await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| lost(&error))?;
    let connection = Connection(tokio::spawn(async move {
        // Its failure is the response's.
        let _ = connection.with_upgrades().await;
    }));
    let request = request.body(Empty::<Bytes>::new());
    let request = request.map_err(|error| Error::Engine { reason: error.to_string() })?;
    let response = sender.send_request(request).await.map_err(|error| lost(&error))?;
    Ok((response, connection))
}
