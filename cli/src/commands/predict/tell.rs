//! What the model gave, on its way to the standard output or to files.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use cog_schema::Signature;
use cog_schema::envelope::{PredictionResponse, Status};
use serde_json::{Map, Value};

use super::Error;
use crate::console::Console;
use crate::model::Running;
use crate::outputs::{Destination, Pieces, Written};

/// Predicts, and passes on each piece of the output as it comes.
pub(super) async fn piecewise(
    mut running: Running,
    input: &Map<String, Value>,
    pieces: Pieces,
    console: Console,
) -> anyhow::Result<ExitCode> {
    let pieces = Arc::new(Mutex::new(pieces));
    let response = running
        .predict_piecewise(input, |piece| {
            let (pieces, console) = (Arc::clone(&pieces), console.clone());
            apart(move || {
                let written = pieces.lock().unwrap_or_else(PoisonError::into_inner).next(&piece)?;
                out(&console, &written)
            })
        })
        .await;
    let succeeded = response.as_ref().is_ok_and(|response| response.status == Status::Succeeded);
    apart(move || out(&console, &pieces.lock().unwrap_or_else(PoisonError::into_inner).end(succeeded)))
        .await?;
    let response = response?;
    running.close().await?;
    verdict(&response)
}

/// Passes on an output that is whole.
pub(super) async fn whole(
    response: PredictionResponse,
    destination: Destination,
    signature: Option<Signature>,
    console: Console,
) -> anyhow::Result<ExitCode> {
    let verdict = verdict(&response);
    if verdict.is_ok() || destination.is_whole() {
        apart(move || out(&console, &destination.write(&response, signature.as_ref())?)).await?;
    }
    verdict
}

/// Does something that may block for ever, because nobody reads a pipe, beside this program's other work.
async fn apart(work: impl FnOnce() -> anyhow::Result<()> + Send + 'static) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(work).await?
}

fn out(console: &Console, written: &Written) -> anyhow::Result<()> {
    for file in &written.files {
        console.say(&format!("Written to {file}"));
    }
    for warning in &written.warnings {
        console.say(&format!("warning: {warning}"));
    }
    if !written.stdout.is_empty() {
        console.print(&written.stdout)?;
    }
    Ok(())
}

fn verdict(response: &PredictionResponse) -> anyhow::Result<ExitCode> {
    match response.status {
        Status::Succeeded => Ok(ExitCode::SUCCESS),
        status => Err(Error::NoSuccess { status: status.as_str(), cause: response.error.clone() }.into()),
    }
}
