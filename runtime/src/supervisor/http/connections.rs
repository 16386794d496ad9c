//! The open connections: accepted, served, and closed without cutting an answer short.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioTimer;
use hyper_util::service::TowerToHyperService;
use rustix::net::sockopt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use super::answer::Answer;
use super::arrival::Arrival;
use super::crowd::{Crowd, Seat, Turn};
use super::wire::Wire;
use crate::journal;

/// How long a client may take to send a request's head; an idle connection is closed after that, too.
const HEAD_LIMIT: Duration = Duration::from_secs(75);
/// The largest head of a request, in bytes.
const LARGEST_HEAD: usize = 32 << 10;
/// How long a client may neither take what it is sent nor show otherwise that it is still there.
#[cfg(target_os = "linux")]
const SILENCE: Duration = Duration::from_secs(300);
/// How many may wait to be accepted; the system may allow fewer.
const RUSH: i32 = 4096;
/// How often a connection that is to be closed is looked at.
const RESPITE: Duration = Duration::from_millis(50);

pub(super) struct Connections {
    closing: watch::Sender<bool>,
    /// Gives nothing; ends when the last connection has.
    open: mpsc::Receiver<()>,
}

impl Connections {
    /// Accepts connections until closed; at most so many at a time.
    pub(super) fn accept(listener: TcpListener, routes: Router, most: usize) -> Self {
        // With the few that the standard library asks for, those who come in a rush wait for seconds.
        let _fewer = rustix::net::listen(&listener, RUSH);
        let (closing, closed) = watch::channel(false);
        let (token, open) = mpsc::channel(1);
        tokio::spawn(accept(listener, routes, Crowd::new(most), closed, token));
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
    crowd: Arc<Crowd>,
    mut closed: watch::Receiver<bool>,
    token: mpsc::Sender<()>,
) {
    let mut short = false;
    // A timer that is always there. Otherwise that of the first idle connection, set after each answer, would be the
    // only one, and a thread that is to wait for less than it thought is woken up to be told.
    let mut pulse = tokio::time::interval(HEAD_LIMIT / 4);
    loop {
        let accepted = tokio::select! {
            accepted = async { crowd.room().await; listener.accept().await } => accepted,
            _ = pulse.tick() => continue,
            _ = closed.changed() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                short = false;
                tokio::spawn(serve(stream, routes.clone(), crowd.enter(), closed.clone(), token.clone()));
            }
            Err(error) => {
                // Out of descriptors, mostly. Said once, not twenty times a second.
                if !std::mem::replace(&mut short, true) {
                    journal::warn(&format!("a connection could not be accepted: {error}"));
                }
                crowd.make_room().await;
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    routes: Router,
    seat: Seat,
    mut closed: watch::Receiver<bool>,
    _open: mpsc::Sender<()>,
) {
    tune(&stream);
    let place = seat.place();
    let routes = TowerToHyperService::new(routes);
    let served = service_fn(|request: Request<Incoming>| {
        let turn = Turn::begins(place);
        let answer = routes.call(request.map(|body| Arrival::new(body, Arc::clone(place))));
        async { Ok::<_, std::convert::Infallible>(answer.await?.map(|body| Answer { body, _turn: turn })) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_header_size(LARGEST_HEAD)
        .serve_connection(Wire::new(stream, Arc::clone(place)), served);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = place.has_to_leave() => return,
        _ = closed.changed() => {
            connection.as_mut().graceful_shutdown();
            loop {
                // What has come of a request by now is all that will be read of it.
                if place.has_waited().is_some() {
                    return;
                }
                if let Ok(ended) = tokio::time::timeout(RESPITE, connection.as_mut()).await {
                    break ended;
                }
            }
        }
    };
    if let Err(error) = ended {
        journal::debug(&format!("a connection ended: {error}"));
    }
}

/// Sends at once, and notices a client whose machine is gone. Without it, answers are only slower, and such a client is
/// noticed later.
fn tune(stream: &TcpStream) {
    let _slower = stream.set_nodelay(true);
    let _later = sockopt::set_socket_keepalive(stream, true);
    #[cfg(target_os = "linux")]
    {
        let _later = sockopt::set_tcp_keepidle(stream, SILENCE / 5)
            .and_then(|()| sockopt::set_tcp_keepintvl(stream, SILENCE / 5))
            .and_then(|()| sockopt::set_tcp_user_timeout(stream, SILENCE.as_millis() as u32));
    }
}
