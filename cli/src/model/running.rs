//! A model that runs, and ends with its owner.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cog_schema::envelope::{HealthStatus, PredictionResponse};
use futures_util::StreamExt;
use serde_json::{Map, Value};
use tokio::task::JoinHandle;

use super::{Client, Error};
use crate::engine::{self, Container, ContainerSpec, Engine};
use crate::local::{Launch, Process};

/// How long a container may take to end when asked.
const GRACE: Duration = Duration::from_secs(3);
/// `/dev/shm` of a container, as large as models with several worker processes want it.
const SHARED_MEMORY: u64 = 6 << 30;
/// The port that every model image serves on.
const PORT: u16 = 5000;

/// A running model; gone when this is.
#[derive(Debug)]
pub struct Running {
    life: Life,
    client: Client,
}

#[derive(Debug)]
enum Life {
    Process(Process),
    Container { container: Container, logs: JoinHandle<()> },
}

impl Running {
    /// Starts it as a process of this machine.
    pub fn process(launch: &Launch<'_>) -> anyhow::Result<Self> {
        let process = Process::start(launch)?;
        let client =
            Client::new(format!("http://{}", std::net::SocketAddr::new(launch.address, launch.port)))?;
        Ok(Self { life: Life::Process(process), client })
    }

    /// Starts it in a container, whose output goes to the standard error stream.
    pub async fn container(engine: &Arc<dyn Engine>, mut spec: ContainerSpec) -> anyhow::Result<Self> {
        spec.port = Some(PORT);
        spec.shm_size.get_or_insert(SHARED_MEMORY);
        spec.env.extend(["LOG_FORMAT=console".to_owned(), "COG_LOG_LEVEL=warning".to_owned()]);
        let container = Container::start(engine, spec).await?;
        if container.gpus_dropped() {
            writeln!(std::io::stderr(), "warning: Docker has no GPU driver; the model runs without GPUs")?;
        }
        let logs = tokio::spawn(follow(container.logs()));
        let state = container.state().await?;
        let port = match state.host_port {
            Some(port) => port,
            None => {
                let _shown = logs.await;
                return Err(Error::Ended(described(&state)).into());
            }
        };
        let client = Client::new(format!("http://127.0.0.1:{port}"))?;
        Ok(Self { life: Life::Container { container, logs }, client })
    }

    /// Who asks it.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Waits until it takes predictions, at most `limit`.
    pub async fn ready(&mut self, limit: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + limit;
        let mut pause = Duration::from_millis(5);
        loop {
            if let Ok(health) = self.client.health().await {
                match health.status {
                    HealthStatus::Ready | HealthStatus::Busy => return Ok(()),
                    HealthStatus::Starting => {}
                    HealthStatus::SetupFailed => {
                        let logs = health.setup.map(|setup| setup.logs).unwrap_or_default();
                        let cause = logs.lines().rev().find(|line| !line.trim().is_empty());
                        return Err(Error::SetupFailed(cause.map(str::to_owned)).into());
                    }
                    other => return Err(Error::Unhealthy(other.as_str()).into()),
                }
            }
            if let Some(how) = self.ended().await? {
                return Err(Error::Ended(how).into());
            }
            if Instant::now() >= deadline {
                return Err(Error::NotReady(limit.as_secs()).into());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }

    /// One prediction.
    pub async fn predict(&mut self, input: &Map<String, Value>) -> anyhow::Result<PredictionResponse> {
        match self.client.predict(input).await {
            Err(Error::Connection(error)) => match self.ended().await? {
                Some(how) => Err(Error::Ended(how).into()),
                None => Err(Error::Connection(error).into()),
            },
            answer => Ok(answer?),
        }
    }

    /// Waits until it ends by itself, and says how.
    pub async fn end(&mut self) -> anyhow::Result<String> {
        loop {
            if let Some(how) = self.ended().await? {
                return Ok(how);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Ends it in good order.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.life {
            Life::Process(process) => tokio::task::spawn_blocking(move || drop(process)).await?,
            Life::Container { container, mut logs } => {
                container.close(GRACE).await?;
                // What it said last is worth a moment.
                if tokio::time::timeout(Duration::from_secs(1), &mut logs).await.is_err() {
                    logs.abort();
                }
            }
        }
        Ok(())
    }

    async fn ended(&mut self) -> anyhow::Result<Option<String>> {
        match &mut self.life {
            Life::Process(process) => Ok(process.ended()?.map(|status| format!(": {status}"))),
            Life::Container { container, .. } => {
                let state = container.state().await?;
                Ok((!state.running).then(|| described(&state)))
            }
        }
    }
}

fn described(state: &engine::ContainerState) -> String {
    match (state.out_of_memory, state.exit_code) {
        (true, _) => ": its container ran out of memory".to_owned(),
        (false, Some(code)) => format!(": its container's exit code is {code}"),
        (false, None) => String::new(),
    }
}

/// Passes a container's output on as it comes.
async fn follow(mut logs: impl StreamExt<Item = engine::Result<engine::LogChunk>> + Unpin) {
    while let Some(Ok(chunk)) = logs.next().await {
        // Nobody reads the log: the answer still counts.
        let _unread = std::io::stderr().write_all(&chunk.bytes);
    }
}
