//! The open connections: accepted, served, and closed without cutting an answer short.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use crate::journal;

/// How long a client may take to send a request's head; an idle connection is closed after that, too.
const HEAD_LIMIT: Duration = Duration::from_secs(75);
/// How long to wait after the system refused a connection (out of descriptors, mostly).
const RESPITE: Duration = Duration::from_millis(50);

pub(super) struct Connections {
    closing: watch::Sender<bool>,
    /// Gives nothing; ends when the last connection has.
    open: mpsc::Receiver<()>,
}

impl Connections {
    /// Accepts connections until closed.
    pub(super) fn accept(listener: TcpListener, routes: Router) -> Self {
        let (closing, closed) = watch::channel(false);
        let (token, open) = mpsc::channel(1);
        tokio::spawn(accept(listener, routes, closed, token));
        Self { closing, open }
    }

    /// Stops listening and comes back when every connection has ended. Idle ones end at once.
    pub(super) async fn close(mut self) {
        self.closing.send_replace(true);
        while self.open.recv().await.is_some() {}
    }
}

async fn accept(
    listener: TcpListener,
    routes: Router,
    mut closed: watch::Receiver<bool>,
    token: mpsc::Sender<()>,
) {
    // A timer that is always there. Otherwise that of the first idle connection, set after each answer, would be the
    // only one, and a thread that is to wait for less than it thought is woken up to be told.
    let mut pulse = tokio::time::interval(HEAD_LIMIT / 4);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = pulse.tick() => continue,
            _ = closed.changed() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, routes.clone(), closed.clone(), token.clone()));
            }
            Err(error) => {
                journal::warn(&format!("a connection could not be accepted: {error}"));
                tokio::time::sleep(RESPITE).await;
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    routes: Router,
    mut closed: watch::Receiver<bool>,
    _open: mpsc::Sender<()>,
) {
    // Without it, answers are only slower.
    let _slower = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = closed.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        journal::debug(&format!("a connection ended: {error}"));
    }
}
