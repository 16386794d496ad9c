//! The port that stays while models come and go.
//!
//! A request that comes while there is no model waits for the next one; nobody is refused. What a model has begun to
//! answer it answers to its end, streams too, however many others have come in the meantime.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Error;

/// What is answered.
type Body = BoxBody<Bytes, hyper::Error>;

/// A listener whose requests go to whatever model there is.
#[derive(Debug)]
pub struct Front {
    model: watch::Sender<Option<Model>>,
    accepting: JoinHandle<()>,
    address: SocketAddr,
}

/// A model that requests go to, and who is with it.
#[derive(Debug, Clone)]
struct Model {
    port: u16,
    guests: Arc<AtomicUsize>,
}

/// One request's stay with a model.
struct Stay(Arc<AtomicUsize>);

/// A model that no new request goes to, and that may still have some to answer.
#[derive(Debug)]
pub struct Leaving(Option<Model>);

impl Front {
    /// Listens on `address`, with no model yet.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub async fn listen(address: SocketAddr) -> Result<Self, Error> {
        let failed = |source| Error::Address { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (model, models) = watch::channel(None);
        let accepting = tokio::spawn(async move {
            loop {
                // Out of descriptors, say: the next one may find some.
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                tokio::spawn(converse(stream, models.clone()));
            }
        });
        Ok(Self { model, accepting, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on requests go to the model on that port of this machine, those that wait first.
    pub fn open(&self, port: u16) {
        self.model.send_replace(Some(Model { port, guests: Arc::default() }));
    }

    /// From now on requests wait.
    pub fn hold(&self) -> Leaving {
        Leaving(self.model.send_replace(None))
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Leaving {
    /// Whether it has nothing left to answer.
    pub fn is_idle(&self) -> bool {
        self.0.as_ref().is_none_or(|model| model.guests.load(Ordering::SeqCst) == 0)
    }

    /// Waits until it has answered everything.
    pub async fn idle(&self) {
        while !self.is_idle() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Stay {
    fn with(model: &Model) -> Self {
        model.guests.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(&model.guests))
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, models: watch::Receiver<Option<Model>>) {
    let _undelayed = stream.set_nodelay(true);
    let service = service_fn(move |request| pass_on(request, models.clone()));
    // A caller who hangs up needs no answer.
    let _gone =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// Has a model answer, as soon as there is one.
async fn pass_on(
    mut request: Request<Incoming>,
    mut models: watch::Receiver<Option<Model>>,
) -> Result<Response<Body>, Infallible> {
    let (mut sender, stay) = loop {
        // Counted while the model cannot be exchanged: whoever takes it away knows of everybody it has.
        let stay = match models.wait_for(Option::is_some).await {
            Ok(model) => model.as_ref().map(|model| (model.port, Stay::with(model))),
            Err(_) => return Ok(said(StatusCode::SERVICE_UNAVAILABLE, "the server is going down")),
        };
        let Some((port, stay)) = stay else { continue };
        let Ok(stream) = TcpStream::connect(("127.0.0.1", port)).await else {
            // It is gone by itself; another one will come.
            drop(stay);
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let _undelayed = stream.set_nodelay(true);
        let Ok((sender, connection)) = http1::handshake(TokioIo::new(stream)).await else { continue };
        tokio::spawn(connection.map(drop));
        break (sender, stay);
    };
    // Each connection to a model carries one request.
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    let Ok(mut response) = sender.send_request(request).await else {
        return Ok(said(StatusCode::BAD_GATEWAY, "the model ended before it answered"));
    };
    response.headers_mut().remove(CONNECTION);
    Ok(response.map(|body| {
        body.map_frame(move |frame| {
            // The stay is over when the body is.
            let _staying = &stay;
            frame
        })
        .boxed()
    }))
}

/// An answer of this program's own.
fn said(status: StatusCode, words: &str) -> Response<Body> {
    let body = Full::from(serde_json::json!({ "error": words }).to_string());
    let mut response = Response::new(body.map_err(|never| match never {}).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
