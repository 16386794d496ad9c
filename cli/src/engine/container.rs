//! A container that cannot outlive its owner.
//!
//! Owns the promise that no failure, time-out, panic or dropped future leaves a container behind. Refuses to know
//! what runs inside.

use std::sync::Arc;
use std::time::Duration;

use super::{Attached, ContainerSpec, ContainerState, Engine, Error, Gpus, LogChunk, Result, uninterrupted};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

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
    pub async fn start(engine: &Arc<dyn Engine>, spec: ContainerSpec) -> Result<Self> {
        Ok(Self::start_attached(engine, spec).await?.0)
    }

    /// The same, with the other end of its streams where its specification has an attachment.
    pub async fn start_attached(
        engine: &Arc<dyn Engine>,
        mut spec: ContainerSpec,
    ) -> Result<(Self, Option<Attached>)> {
        match Self::attempt(engine, spec.clone()).await {
            Err(Error::NoGpuDriver { .. }) if spec.gpus == Some(Gpus::All) => {
                spec.gpus = None;
                let (container, attached) = Self::attempt(engine, spec).await?;
                Ok((Self { gpus_dropped: true, ..container }, attached))
            }
            result => result,
        }
    }

    async fn attempt(engine: &Arc<dyn Engine>, spec: ContainerSpec) -> Result<(Self, Option<Attached>)> {
        let wanted = spec.attachment.is_some();
        let guard = Guard::create(engine, spec).await?;
        // Before it starts: nothing that it writes is missed.
        let attached = if wanted { Some(engine.attach(&guard.name).await?) } else { None };
        engine.start(&guard.name).await?;
        Ok((Self { guard, gpus_dropped: false }, attached))
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

    /// Asks it to end, and does not wait.
    pub async fn ask_to_end(&self) -> Result<()> {
        self.guard.engine.signal(&self.guard.name, "SIGTERM").await
    }

    /// Asks it to end, kills it after `grace`, and removes it.
    pub async fn close(self, grace: Duration) -> Result<()> {
        self.guard.engine.stop(&self.guard.name, grace).await?;
        let Guard { engine, name, .. } = &self.guard;
        let (engine, name) = (Arc::clone(engine), name.clone());
        uninterrupted(move || engine.remove(&name)).await?;
        self.guard.disarm();
        Ok(())
    }
}

/// The bare promise: a name whose container is removed on drop.
#[derive(Debug)]
pub(super) struct Guard {
    engine: Arc<dyn Engine>,
    pub(super) name: String,
    armed: bool,
}

impl Guard {
    pub(super) async fn create(engine: &Arc<dyn Engine>, spec: ContainerSpec) -> Result<Self> {
        let name = format!("cog-{}", uuid::Uuid::new_v4().simple());
        let guard = Self { engine: Arc::clone(engine), name: name.clone(), armed: true };
        let engine = Arc::clone(engine);
        uninterrupted(move || engine.create(&name, &spec)).await?;
        Ok(guard)
    }

    pub(super) fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.armed {
            let (engine, name) = (Arc::clone(&self.engine), std::mem::take(&mut self.name));
            // Dropping the call waits for it; nobody is left to hear of its failure.
            drop(uninterrupted(move || engine.remove(&name)));
        }
    }
}
