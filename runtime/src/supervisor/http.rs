//! HTTP: routes, and the connections they are served on. State is the dispatcher's; here requests are read,
//! refused in the documented order, and answers written.

mod body;
mod connections;
mod create;
mod operations;
mod preferences;
mod probes;
mod reply;
mod stream;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post, put};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::dispatcher::Desk;
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
    /// Starts to accept connections. `shutdown` hears of `POST /shutdown`.
    pub(super) fn start(
        listener: TcpListener,
        desk: Desk,
        shutdown: mpsc::Sender<()>,
        settings: Arc<Settings>,
    ) -> Self {
        let routes = routes(Context { desk, shutdown, settings });
        Self(Connections::accept(listener, routes))
    }

    /// Stops listening, closes what is idle, and comes back when every request has had its answer.
    pub(super) async fn close(self) {
        self.0.close().await;
    }
}

fn routes(context: Context) -> Router {
    Router::new()
        .route("/", get(operations::discovery))
        .route("/health-check", get(operations::health))
        .route("/livez", get(probes::live))
        .route("/readyz", get(probes::ready))
        .route("/metrics", get(probes::metrics))
        .route("/openapi.json", get(operations::schema))
        .route("/shutdown", post(operations::shutdown))
        .route("/predictions", post(create::post))
        .route("/predictions/{id}", get(create::get).put(create::put))
        .route("/predictions/{id}/cancel", post(create::cancel))
        // A server trains or predicts; this one predicts.
        .route("/trainings", post(operations::no_training))
        .route("/trainings/{id}", put(operations::no_training))
        .route("/trainings/{id}/cancel", post(operations::no_training))
        .with_state(context)
}
