//! A container that cannot outlive its owner.
//!
//! Owns the promise that no failure, time-out, panic or dropped future leaves a container behind. Refuses to know
//! what runs inside.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::sync::oneshot;

use super::{ContainerSpec, ContainerState, Engine, Error, Gpus, LogChunk, Result};

/// A running container; gone when this is.
///
/// The name is chosen and the guard armed before the engine hears of the container, and the engine's making of it
/// cannot be abandoned half-way: there is no moment at which dropping this, or the future that makes it, leaves
/// one behind.
#[derive(Debug)]
pub struct Container {
    guard: Guard,
    gpus_dropped: bool,
}

impl Container {
    /// Makes and starts a container. With [`Gpus::All`] an engine without a GPU driver gets a second try without
    /// GPUs; [`Container::gpus_dropped`] tells.
    pub async fn start(engine: &Arc<dyn Engine>, mut spec: ContainerSpec) -> Result<Self> {
        match Self::attempt(engine, spec.clone()).await {
            Err(Error::NoGpuDriver { .. }) if spec.gpus == Some(Gpus::All) => {
                spec.gpus = None;
                let container = Self::attempt(engine, spec).await?;
                Ok(Self { gpus_dropped: true, ..container })
            }
            result => result,
        }
    }

    async fn attempt(engine: &Arc<dyn Engine>, spec: ContainerSpec) -> Result<Self> {
        let guard = Guard::create(engine, spec).await?;
        engine.start(&guard.name).await?;
        Ok(Self { guard, gpus_dropped: false })
    }

    /// The container's name.
    pub fn name(&self) -> &str {
        &self.guard.name
    }

    /// Whether GPUs were asked for and could not be given.
    pub fn gpus_dropped(&self) -> bool {
        self.gpus_dropped
    }

    /// How it is doing; also tells the published port.
    pub async fn state(&self) -> Result<ContainerState> {
        self.guard.engine.state(&self.guard.name).await
    }

    /// Both of its output streams from its start, until it ends.
    pub fn logs(&self) -> BoxStream<'static, Result<LogChunk>> {
        self.guard.engine.logs(&self.guard.name).boxed()
    }

    /// Asks it to end, kills it after `grace`, and removes it.
    pub async fn close(self, grace: Duration) -> Result<()> {
        self.guard.engine.stop(&self.guard.name, grace).await?;
        let Guard { engine, name, .. } = &self.guard;
        let (engine, name) = (Arc::clone(engine), name.clone());
        let removed = on_thread(move || engine.remove(&name)).await;
        if removed.is_ok() {
            self.guard.disarm();
        }
        removed
    }
}

/// The bare promise: a name whose container is removed on drop.
#[derive(Debug)]
pub(super) struct Guard {
    engine: Arc<dyn Engine>,
    pub(super) name: String,
    armed: bool,
    making: Option<std::thread::JoinHandle<()>>,
}

impl Guard {
    pub(super) async fn create(engine: &Arc<dyn Engine>, spec: ContainerSpec) -> Result<Self> {
        let name = format!("cog-{}", uuid::Uuid::new_v4().simple());
        let (done, made) = oneshot::channel();
        let making = {
            let (engine, name) = (Arc::clone(engine), name.clone());
            std::thread::spawn(move || {
                let _ = done.send(engine.create(&name, &spec));
            })
        };
        let guard = Self { engine: Arc::clone(engine), name, armed: true, making: Some(making) };
        made.await.unwrap_or(Err(Error::TimedOut))?;
        Ok(guard)
    }

    pub(super) fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.armed {
            return;
        }
        // The engine may be making it this very moment.
        if let Some(making) = self.making.take() {
            let _ = making.join();
        }
        let (engine, name) = (Arc::clone(&self.engine), std::mem::take(&mut self.name));
        // A thread, because a drop may happen inside a runtime, where blocking on another is forbidden.
        let _ = std::thread::spawn(move || engine.remove(&name)).join();
    }
}

/// Runs a blocking call to its end, whether or not anyone still waits for it.
pub(super) async fn on_thread<T: Send + 'static>(
    call: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (done, result) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = done.send(call());
    });
    result.await.unwrap_or(Err(Error::TimedOut))
}
