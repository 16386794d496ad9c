//! A container's streams, taken hold of.

use bollard::container::AttachContainerResults;
use bollard::query_parameters::{AttachContainerOptions, ResizeContainerTTYOptions};
use futures_util::stream::StreamExt;

use super::super::{Attached, LogChunk, Result, TerminalSize};
use super::{DockerEngine, failure};

/// The engine keeps back the first key of those that leave a container to itself. Nobody leaves one here, so these are
/// keys that nobody presses.
const DETACH: &str = "ctrl-@,ctrl-_,ctrl-@";

pub(super) async fn attach(engine: &DockerEngine, name: &str) -> Result<Attached> {
    let options = AttachContainerOptions {
        detach_keys: Some(DETACH.to_owned()),
        stream: true,
        stdin: true,
        stdout: true,
        stderr: true,
        ..AttachContainerOptions::default()
    };
    let AttachContainerResults { output, input } =
        engine.client.attach_container(name, Some(options)).await.map_err(failure::request)?;
    let output = output.map(|chunk| {
        let chunk = chunk.map_err(failure::request)?;
        let is_stderr = matches!(chunk, bollard::container::LogOutput::StdErr { .. });
        Ok(LogChunk { is_stderr, bytes: chunk.into_bytes() })
    });
    Ok(Attached { input, output: output.boxed() })
}

pub(super) async fn resize(engine: &DockerEngine, name: &str, size: TerminalSize) -> Result<()> {
    let options = ResizeContainerTTYOptions { w: size.columns.into(), h: size.rows.into() };
    engine.client.resize_container_tty(name, options).await.map_err(failure::request)
}
