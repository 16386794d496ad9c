//! What a model's executable can be asked to do.

mod arguments;
mod init;
mod predict;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use crate::supervisor::{self, Address};
pub(crate) use arguments::{Command, Mode, Predict, Serve, USAGE, parse};
pub(crate) use predict::predict;

/// Serves; as the first process of a container, through a small init that reaps.
pub(crate) fn serve(serve: &Serve) -> ExitCode {
    if init::is_needed() {
        return init::start();
    }
    match crate::settings::port() {
        Ok(port) => supervisor::start(&Address {
            socket: SocketAddr::new(serve.host, port),
            await_explicit_shutdown: serve.await_explicit_shutdown,
            upload_url: serve.upload_url.clone(),
            mode: serve.mode,
        }),
        Err(fault) => {
            complain(&fault);
            ExitCode::FAILURE
        }
    }
}

/// Writes to standard output. A reader that left (a closed pipe) is no failure of ours.
pub(crate) fn print(text: &str) -> ExitCode {
    match std::io::stdout().lock().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            complain(&format!("the output could not be written: {error}"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Writes a sentence to standard error.
pub(crate) fn complain(text: &str) {
    let _nobody_reads = writeln!(std::io::stderr().lock(), "error: {text}");
}
