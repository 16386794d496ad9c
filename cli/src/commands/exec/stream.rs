//! A container's streams as this program's own: keys, pipes, signals, the size of the terminal.

use std::io;
use std::sync::Arc;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use super::terminal::Raw;
use super::{Error, terminal};
use crate::engine::{Attached, Container, Engine};
use crate::interrupt::{Interrupted, Signals};

/// How it came to an end.
pub(super) enum Ended {
    /// The command ended.
    ByItself,
    /// Somebody asked twice.
    ByDemand(Interrupted),
}

/// Passes everything through until the container ends, or a second signal says that the first was in vain.
pub(super) async fn through(
    engine: &Arc<dyn Engine>,
    container: &Container,
    attached: Attached,
    mut signals: Signals,
) -> anyhow::Result<Ended> {
    let Attached { input, output } = attached;
    let _raw = if terminal::is_here() { Some(Raw::enter().map_err(Error::Terminal)?) } else { None };
    // It may never end: a task of its own, left to itself when the command has ended.
    let reading = tokio::spawn(feed(input));
    let mut resized = signal(SignalKind::window_change())?;
    let output = write(output);
    tokio::pin!(output);
    // Older engines do not take the size beforehand, and it may have changed since.
    let mut fitting = fit(engine, container);
    let mut asked = false;
    let ended = loop {
        tokio::select! {
            result = &mut output => break result.map(|()| Ended::ByItself),
            _ = resized.recv() => {
                // Only the last size counts.
                fitting.abort();
                fitting = fit(engine, container);
            }
            signal = signals.received() => {
                if asked {
                    break Ok(Ended::ByDemand(signal));
                }
                asked = true;
                let (engine, name) = (Arc::clone(engine), container.name().to_owned());
                // An engine that has stopped answering keeps nobody from asking again.
                tokio::spawn(async move {
                    let _ended = engine.signal(&name, signal.name()).await;
                });
            }
        }
    };
    reading.abort();
    if let Ok(Ended::ByDemand(_)) = &ended {
        // While the container goes.
        signals.end_at_next();
    }
    ended
}

/// The container's terminal becomes as large as this one.
fn fit(engine: &Arc<dyn Engine>, container: &Container) -> JoinHandle<()> {
    let (engine, name) = (Arc::clone(engine), container.name().to_owned());
    tokio::spawn(async move {
        if let Some(size) = terminal::size() {
            // It may just have ended.
            let _ended = engine.resize(&name, size).await;
        }
    })
}

async fn feed(mut input: std::pin::Pin<Box<dyn tokio::io::AsyncWrite + Send>>) {
    let mut stdin = tokio::io::stdin();
    // A command that reads no more is no fault.
    let _read = tokio::io::copy(&mut stdin, &mut input).await;
    let _shut = input.shutdown().await;
}

async fn write(
    mut output: futures_util::stream::BoxStream<'static, crate::engine::Result<crate::engine::LogChunk>>,
) -> anyhow::Result<()> {
    let (mut out, mut err) = (tokio::io::stdout(), tokio::io::stderr());
    while let Some(chunk) = output.next().await {
        let chunk = chunk?;
        let written: io::Result<()> = async {
            if chunk.is_stderr {
                err.write_all(&chunk.bytes).await?;
                err.flush().await
            } else {
                out.write_all(&chunk.bytes).await?;
                out.flush().await
            }
        }
        .await;
        written?;
    }
    Ok(())
}
