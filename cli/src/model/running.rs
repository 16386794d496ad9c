//! A model that runs, and ends with its owner.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cog_schema::envelope::{Health, HealthStatus, PredictionResponse};
use futures_util::StreamExt;
use reqwest::Url;
use serde_json::{Map, Value};
use tokio::task::JoinHandle;

use super::{Client, Error, Event, Told};
use crate::console::Console;
use crate::context::trust::Certificates;
use crate::engine::{self, Container, ContainerSpec, Engine};
use crate::local::{Launch, Process};
use crate::weights::Mounts;

/// How long a container may take to end when asked.
const GRACE: Duration = Duration::from_secs(3);
/// `/dev/shm` of a container, as large as models with several worker processes want it.
const SHARED_MEMORY: u64 = 6 << 30;
/// A setup that takes as long is worth a word.
const NOTEWORTHY: Duration = Duration::from_secs(1);
/// The port that every model image serves on.
const PORT: u16 = 5000;

/// A running model; gone when this is.
#[derive(Debug)]
pub struct Running {
    life: Life,
    client: Client,
    console: Console,
    // Goes after what reads them.
    mounts: Mounts,
}

#[derive(Debug)]
enum Life {
    Process(Process),
    Container {
        container: Container,
        logs: JoinHandle<()>,
    },
    /// It has a life of its own.
    Elsewhere(Url),
}

impl Running {
    /// Starts it as a process of this machine.
    pub fn process(launch: &Launch<'_>, console: &Console) -> anyhow::Result<Self> {
        let process = Process::start(launch, console)?;
        let client =
            Client::new(format!("http://{}", std::net::SocketAddr::new(launch.address, launch.port)))?;
        Ok(Self { life: Life::Process(process), client, console: console.clone(), mounts: Mounts::default() })
    }

    /// One that runs already, at `url`.
    pub fn elsewhere(
        url: Url,
        certificates: Option<&Certificates>,
        console: &Console,
    ) -> anyhow::Result<Self> {
        let client = Client::remote(&url, certificates)?;
        Ok(Self { life: Life::Elsewhere(url), client, console: console.clone(), mounts: Mounts::default() })
    }

    /// Starts it in a container, whose output goes to the standard error stream.
    pub async fn container(
        engine: &Arc<dyn Engine>,
        mut spec: ContainerSpec,
        console: &Console,
    ) -> anyhow::Result<Self> {
        spec.port = Some(PORT);
        spec.shm_size.get_or_insert(SHARED_MEMORY);
        let image = engine.image(&spec.image).await?;
        let of_the_image = image.iter().filter_map(|image| image.config["Env"].as_array()).flatten();
        let said: Vec<&str> = of_the_image
            .filter_map(|variable| variable.as_str())
            .chain(spec.env.iter().map(String::as_str))
            .collect();
        let is_said = |name: &str| said.iter().any(|variable| variable.split('=').next() == Some(name));
        let usual = [("LOG_FORMAT", "console"), ("COG_LOG_LEVEL", "warning")];
        let usual: Vec<String> = usual
            .into_iter()
            .filter(|(name, _)| !is_said(name))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        spec.env.extend(usual);
        let container = Container::start(engine, spec).await?;
        if container.gpus_dropped() {
            console.say("warning: Docker has no GPU driver; the model runs without GPUs");
        }
        let logs = tokio::spawn(follow(container.logs(), console.clone()));
        let state = container.state().await?;
        let port = match state.host_port {
            Some(port) => port,
            None if state.running => return Err(Error::NoPort.into()),
            None => {
                let _shown = logs.await;
                return Err(Error::Ended(described(&state)).into());
            }
        };
        let client = Client::new(format!("http://127.0.0.1:{port}"))?;
        Ok(Self {
            life: Life::Container { container, logs },
            client,
            console: console.clone(),
            mounts: Mounts::default(),
        })
    }

    /// Keeps the weights that it reads as long as it runs.
    #[must_use]
    pub fn with(mut self, mounts: Mounts) -> Self {
        self.mounts = mounts;
        self
    }

    /// Who asks it.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Waits until it takes predictions, at most `limit`.
    pub async fn ready(&mut self, limit: Duration) -> anyhow::Result<()> {
        let start = Instant::now();
        let result = self.wait(start + limit, limit).await;
        self.console.waited();
        result?;
        let took = start.elapsed();
        if took >= NOTEWORTHY {
            self.console.say(&format!("Ready after {:.1} s", took.as_secs_f64()));
        }
        Ok(())
    }

    async fn wait(&mut self, deadline: Instant, limit: Duration) -> anyhow::Result<()> {
        let mut pause = Duration::from_millis(5);
        // What is on this machine answers at once; what is not may be far away.
        let patience = Duration::from_secs(if matches!(self.life, Life::Elsewhere(_)) { 15 } else { 1 });
        loop {
            match self.client.health(patience).await {
                Ok(health) => match health.status {
                    HealthStatus::Ready | HealthStatus::Busy => return Ok(()),
                    HealthStatus::Starting => self.console.wait_for(&phase(&health)),
                    HealthStatus::SetupFailed => {
                        let logs = health.setup.map(|setup| setup.logs).unwrap_or_default();
                        let cause = logs.lines().rev().find(|line| !line.trim().is_empty());
                        return Err(Error::SetupFailed(cause.map(str::to_owned)).into());
                    }
                    other => return Err(Error::Unhealthy(other.as_str()).into()),
                },
                Err(error) => match &self.life {
                    Life::Elsewhere(url) => return Err(absent(url, error).into()),
                    _ => self.console.wait_for("Starting the model"),
                },
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
        let response = match self.client.predict(input).await {
            Ok(response) => response,
            Err(error) => return Err(self.failure(error).await),
        };
        if matches!(self.life, Life::Elsewhere(_)) && !response.logs.is_empty() {
            self.console.log(response.logs.as_bytes());
        }
        Ok(response)
    }

    /// One prediction, whose pieces are handed to `piece` as they come, where the model tells them; those it has told
    /// are not in the answer's way: that is whole in any case.
    pub async fn predict_piecewise<F: Future<Output = anyhow::Result<()>>>(
        &mut self,
        input: &Map<String, Value>,
        mut piece: impl FnMut(Value) -> F,
    ) -> anyhow::Result<PredictionResponse> {
        let mut events = match self.client.events(input).await {
            Ok(Told::Events(events)) => events,
            Ok(Told::NoEvents) => {
                let response = self.predict(input).await?;
                for value in response.output.iter().filter_map(Value::as_array).flatten() {
                    piece(value.clone()).await?;
                }
                return Ok(response);
            }
            Err(error) => return Err(self.failure(error).await),
        };
        loop {
            match events.next().await {
                Ok(Some(Event::Piece(value))) => piece(value).await?,
                Ok(Some(Event::Completed(response))) => return Ok(*response),
                // The log of a model that was started here comes from its own output already.
                Ok(Some(Event::Log(text))) if matches!(self.life, Life::Elsewhere(_)) => {
                    self.console.log(text.as_bytes());
                }
                Ok(Some(Event::Log(_))) => {}
                Ok(None) => {
                    let lost =
                        Error::Stream("the connection was closed before the prediction ended".to_owned());
                    return Err(self.failure(lost).await);
                }
                Err(error) => return Err(self.failure(error).await),
            }
        }
    }

    /// What went wrong: that the model ended says more than that its connection did.
    pub async fn failure(&mut self, error: Error) -> anyhow::Error {
        if matches!(error, Error::Connection(_) | Error::Stream(_)) {
            // A model that is going down takes its connections along first.
            for _ in 0..20 {
                match self.ended().await {
                    Ok(Some(how)) => return Error::Ended(how).into(),
                    Ok(None) => tokio::time::sleep(Duration::from_millis(10)).await,
                    Err(error) => return error,
                }
            }
        }
        error.into()
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
                if !logs.is_finished()
                    && tokio::time::timeout(Duration::from_secs(1), &mut logs).await.is_err()
                {
                    logs.abort();
                }
            }
            Life::Elsewhere(_) => {}
        }
        drop(self.mounts);
        Ok(())
    }

    /// Ends it in good order, and is done as soon as it has ended: what is left to tidy up goes on meanwhile.
    pub async fn make_way(mut self) -> anyhow::Result<()> {
        if let Life::Container { container, logs } = &mut self.life {
            container.ask_to_end().await?;
            // Its output ends with it.
            if tokio::time::timeout(GRACE, logs).await.is_ok() {
                tokio::spawn(async move {
                    // It goes either way.
                    let _gone = self.close().await;
                });
                return Ok(());
            }
        }
        self.close().await
    }

    async fn ended(&mut self) -> anyhow::Result<Option<String>> {
        match &mut self.life {
            Life::Process(process) => Ok(process.ended()?.map(|status| format!(": {status}"))),
            Life::Container { container, .. } => {
                let state = container.state().await?;
                Ok((!state.running).then(|| described(&state)))
            }
            Life::Elsewhere(_) => Ok(None),
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

/// What a model that is not ready yet is busy with.
fn phase(health: &Health) -> String {
    let phase = health.setup.as_ref().and_then(|setup| setup.phases.last());
    match phase {
        Some(phase) => format!("Setting up the model: {}", phase.name),
        None => "Setting up the model".to_owned(),
    }
}

/// Why nothing at `url` answers as a model does.
fn absent(url: &Url, error: Error) -> Error {
    let Error::Connection(error) = error else { return error };
    let reason = match error.status() {
        Some(status) => Some(format!("its health check answers {status}")),
        None if error.is_decode() => Some("its health check is none".to_owned()),
        None => std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source())
            .last()
            .map(ToString::to_string),
    };
    Error::NoModel { url: url.to_string(), reason }
}

/// Passes a container's output on as it comes.
async fn follow(mut logs: impl StreamExt<Item = engine::Result<engine::LogChunk>> + Unpin, console: Console) {
    while let Some(Ok(chunk)) = logs.next().await {
        console.log(&chunk.bytes);
    }
}
