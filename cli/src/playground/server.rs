//! The server: its address, its routes, its connections.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::routing::{any, get, post};
use axum::{Json, Router, middleware};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::guard::{Peer, guard};
use super::proxy::{Proxy, forward};
use super::target::Target;
use super::webhook::{self, Webhooks};
use super::{Error, page};

/// How long a client may take to send a request's head; an idle connection is closed after that, too.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// The largest head of a request, in bytes.
const LARGEST_HEAD: usize = 64 << 10;
/// How many connections there may be.
const CONNECTIONS: usize = 256;
/// How long nobody is accepted when accepting has failed.
const RESPITE: Duration = Duration::from_millis(100);

/// What a playground is to be.
#[derive(Debug)]
pub struct Settings {
    /// Where it listens. From other machines it takes webhooks and nothing else.
    pub address: SocketAddr,
    /// The model that the page begins with.
    pub target: String,
    /// By which name the model reaches this machine, for webhooks.
    pub webhook_host: String,
}

/// A playground that listens, and serves when it is told to.
#[derive(Debug)]
pub struct Playground {
    listener: TcpListener,
    address: SocketAddr,
    routes: Router,
}

impl Playground {
    /// Begins to listen.
    pub async fn listen(settings: Settings) -> Result<Self, Error> {
        let target = Target::parse(&settings.target).ok_or(Error::Target(settings.target))?;
        let failed = |source| Error::Listen { address: settings.address, source };
        let listener = TcpListener::bind(settings.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let config = json!({
            "target": target.origin(),
            "webhookBase": format!("http://{}:{}", settings.webhook_host, address.port()),
            "cogVersion": env!("CARGO_PKG_VERSION"),
        });
        let webhooks = Arc::new(Webhooks::new());
        let guarded = Router::new()
            .route("/", get(page::index))
            .route("/assets/{*path}", get(page::asset))
            .route("/config", get(async move || Json(config)))
            .route("/proxy/{*path}", any(forward).with_state(Arc::new(Proxy::new()?)))
            .route("/proxy/", any(forward).with_state(Arc::new(Proxy::new()?)))
            .route("/events", get(webhook::events).with_state(Arc::clone(&webhooks)))
            .layer(middleware::from_fn(guard));
        let routes = guarded
            .route("/webhook/{token}", post(webhook::receive).with_state(webhooks))
            .layer(middleware::map_response(page::restrict));
        Ok(Self { listener, address, routes })
    }

    /// Where its page is.
    pub fn url(&self) -> String {
        let host = match self.address.ip() {
            address if address.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        format!("http://{host}:{}", self.address.port())
    }

    /// Serves until it is dropped, and every connection with it.
    pub async fn serve(self) -> Infallible {
        let mut connections = JoinSet::new();
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                unreachable!("nobody closes this semaphore")
            };
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let routes = self.routes.clone();
                    connections.spawn(async move {
                        serve(stream, peer, routes).await;
                        drop(place);
                    });
                }
                // Out of descriptors, mostly: others will close theirs.
                Err(_) => tokio::time::sleep(RESPITE).await,
            }
            while connections.try_join_next().is_some() {}
        }
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, routes: Router) {
    // Without it, events are only later.
    let _slower = stream.set_nodelay(true);
    let routes = TowerToHyperService::new(routes);
    let served = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        routes.call(Request::from(request.map(axum::body::Body::new)))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_header_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), served);
    // A client that breaks off needs no answer.
    let _broken = connection.await;
}
