//! The supervisor: HTTP, the state of predictions, files, and the life of the worker. It never runs model code.
//!
//! One task, the [`dispatcher`], owns every prediction and the worker; HTTP handlers, the worker's socket, downloads
//! and timers send it messages. A prediction is a value ([`prediction`]), the server's health is a value
//! ([`health`]); both are tested without any of the rest. A slot is taken exactly as long as its prediction is in
//! the dispatcher's table, so no path can lose one.

mod aside;
mod child;
mod clock;
mod death;
mod descriptors;
mod dispatcher;
pub(crate) mod fetch;
pub(crate) mod files;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzzing;
mod health;
mod http;
mod net;
mod prediction;
mod shutdown;
mod subscription;
mod traces;
mod upload;
mod webhook;
mod workers;

pub(crate) use net::Policy;
pub(crate) use traces::TraceSettings;
pub(crate) use webhook::Secrets;
pub(crate) use workers::Workers;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::command::{Mode, complain};
use crate::journal;
use crate::settings::Settings;

/// How long the callers of predictions that were cut short have to be told.
const LAST_ANSWERS: Duration = Duration::from_millis(100);

/// How long the last spans may take to those who collect them.
const LAST_SPANS: Duration = Duration::from_secs(5);

/// How to serve.
pub(crate) struct Address {
    /// Where to listen.
    pub(crate) socket: SocketAddr,
    /// Whether SIGTERM is ignored, so that only `POST /shutdown` or SIGINT stop the server.
    pub(crate) await_explicit_shutdown: bool,
    /// Where files of outputs go, if not where the environment says.
    pub(crate) upload_url: Option<String>,
    /// Whether it predicts or trains.
    pub(crate) mode: Mode,
}

/// Serves until told to stop.
pub(crate) fn start(address: &Address) -> ExitCode {
    let mut settings = Settings::from_env();
    if address.upload_url.is_some() {
        settings.upload_url.clone_from(&address.upload_url);
    }
    settings.mode = address.mode;
    let settings = Arc::new(settings);
    let connections = descriptors::raise();
    let listener = match std::net::TcpListener::bind(address.socket) {
        Ok(listener) => listener,
        Err(error) => {
            complain(&format!("cannot listen on {}: {error}", address.socket));
            return ExitCode::FAILURE;
        }
    };
    // One thread: everything here is short, and what is not (files, TLS) goes to threads of its own.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = runtime.and_then(|runtime| {
        let served =
            runtime.block_on(serve(listener, connections, address.await_explicit_shutdown, settings));
        runtime.shutdown_background();
        served
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("the server failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn serve(
    listener: std::net::TcpListener,
    connections: usize,
    await_explicit_shutdown: bool,
    settings: Arc<Settings>,
) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut stop = shutdown::Signals::new(await_explicit_shutdown)?;
    journal::info(&format!("listening on {}", listener.local_addr()?));
    let tracer = traces::Tracer::start(&settings);
    let webhooks = Arc::new(webhook::Webhooks::new(Arc::clone(&settings), tracer.clone()));
    let desk = dispatcher::start(Arc::clone(&settings), Arc::clone(&webhooks), tracer.clone());
    let (asked, mut shutdown_route) = tokio::sync::mpsc::channel(1);
    let server = http::Server::start(listener, connections, desk.clone(), asked, Arc::clone(&settings));
    let reason = tokio::select! {
        signal = stop.next() => signal,
        _ = shutdown_route.recv() => "POST /shutdown",
        // A fault of ours. What is left answers nothing but 503: the platform may start another.
        () = desk.lost() => return Err(std::io::Error::other("the task that owns the predictions is gone")),
    };
    journal::info(&format!("shutting down: {reason}"));
    let drained = async {
        server.close().await;
        desk.drained().await;
        if let Some(mut unfinished) = webhooks.unfinished() {
            // An error would mean that there is no courier any more.
            let _none = unfinished.wait_for(|count| *count == 0).await;
        }
    };
    let cut_short = tokio::time::timeout(settings.shutdown_grace, drained).await.is_err();
    desk.stop().await;
    if cut_short {
        journal::warn("not everything was done at the end of COG_SHUTDOWN_GRACE");
        tokio::time::sleep(LAST_ANSWERS).await;
        webhooks.give_up();
    }
    tracer.flush(LAST_SPANS).await;
    Ok(())
}
