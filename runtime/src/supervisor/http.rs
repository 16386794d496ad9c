//! HTTP: routes, and the connections they are served on. State is the dispatcher's; here requests are read,
//! refused in the documented order, and answers written.

mod answer;
mod arrival;
pub(super) mod body;
mod collect;
mod connections;
mod create;
mod crowd;
mod docs;
pub(super) mod form;
mod json;
mod memory;
mod operations;
mod preferences;
mod probes;
mod reply;
mod stream;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post, put};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::dispatcher::Desk;
use crate::command::Mode;
use crate::settings::Settings;
use connections::Connections;

/// What handlers work with.
#[derive(Clone)]
struct Context {
    desk: Desk,
    shutdown: mpsc::Sender<()>,
    settings: Arc<Settings>,
}

/// A listening server.
pub(super) struct Server(Connections);

impl Server {
    /// Starts to accept connections, at most so many at a time. `shutdown` hears of `POST /shutdown`.
    pub(super) fn start(
        listener: TcpListener,
        connections: usize,
        desk: Desk,
        shutdown: mpsc::Sender<()>,
        settings: Arc<Settings>,
    ) -> Self {
        let routes = routes(Context { desk, shutdown, settings });
        Self(Connections::accept(listener, routes, connections))
    }

    /// Stops listening, closes what is idle, and comes back when every request has had its answer.
    pub(super) async fn close(self) {
        self.0.close().await;
    }
}

fn routes(context: Context) -> Router {
    let (served, refused) = match context.settings.mode {
        Mode::Predict => ("/predictions", "/trainings"),
        Mode::Train => ("/trainings", "/predictions"),
    };
    Router::new()
        .route("/", get(operations::discovery))
        .route("/health-check", get(operations::health))
        .route("/livez", get(probes::live))
        .route("/readyz", get(probes::ready))
        .route("/metrics", get(probes::metrics))
        .route("/openapi.json", get(operations::schema))
        .route("/docs", get(docs::page))
        .route("/shutdown", post(operations::shutdown))
        .route(served, post(create::post))
        .route(&format!("{served}/{{id}}"), get(create::get).put(create::put))
        .route(&format!("{served}/{{id}}/cancel"), post(create::cancel))
        .route(refused, post(operations::other_mode))
        .route(&format!("{refused}/{{id}}"), put(operations::other_mode))
        .route(&format!("{refused}/{{id}}/cancel"), post(operations::other_mode))
        .with_state(context)
}
