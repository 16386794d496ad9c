//! The real engine: Docker, through bollard.
//!
//! Owns the translation of [`Engine`] into the Docker Engine API as engines from 20.10 on speak it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::BoxStream;

use self::address::{Address, Surroundings};
use super::{
    Attached, BuildRequest, ContainerSpec, ContainerState, ContextTar, Engine, Error, Image, LogChunk,
    Machine, Progress, Result, Step, TerminalSize,
};

mod address;
mod attach;
mod containers;
mod failure;
mod images;
mod session;
mod solve;
mod steps;
#[cfg(test)]
mod tests;
mod transfer;
mod upload;
mod wire;

/// How long an engine may take to begin an answer. Starting a container on a loaded machine takes its time.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long one may take to answer that has to read an image as a whole first, or to write one.
const WHOLE_IMAGE: Duration = Duration::from_secs(60 * 60);

/// What podman's version begins with here.
pub const PODMAN: &str = "podman ";

/// How long it may take to say who it is.
const GREETING: Duration = Duration::from_secs(if cfg!(test) { 5 } else { 20 });

/// Finds the engine (`DOCKER_HOST`, else the current context, else the usual socket) and shakes hands with it.
pub async fn connect() -> Result<Arc<dyn Engine>> {
    connect_to(Surroundings::of_this_process().address()?).await
}

async fn connect_to(address: Address) -> Result<Arc<dyn Engine>> {
    Ok(Arc::new(DockerEngine::at(address).await?))
}

/// A Docker engine that has been shaken hands with.
#[derive(Debug, Clone)]
struct DockerEngine {
    address: Address,
    client: bollard::Docker,
}

impl DockerEngine {
    async fn at(address: Address) -> Result<Self> {
        let client = tokio::time::timeout(GREETING, Self::greet(&address)).await.unwrap_or_else(|_| {
            let reason = format!("no answer within {} s", GREETING.as_secs());
            Err(Error::Unreachable { address: address.to_string(), reason })
        })?;
        Ok(Self { address, client })
    }

    async fn greet(address: &Address) -> Result<bollard::Docker> {
        // bollard hides what kept it from connecting.
        drop(address.dial().await?);
        let client = address.client(PATIENCE, bollard::API_DEFAULT_VERSION)?;
        client
            .negotiate_version()
            .await
            .map_err(|error| Error::Unreachable { address: address.to_string(), reason: error.to_string() })
    }

    /// Makes a request on the calling thread. It has a connection of its own: one shared with an asynchronous
    /// runtime is driven by that runtime, which may be gone, or waiting for this very thread.
    fn block_on<T, F: Future<Output = Result<T>>>(
        &self,
        call: impl FnOnce(bollard::Docker) -> F,
    ) -> Result<T> {
        self.block_for(PATIENCE, call)
    }

    fn block_for<T, F: Future<Output = Result<T>>>(
        &self,
        patience: Duration,
        call: impl FnOnce(bollard::Docker) -> F,
    ) -> Result<T> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::Engine { reason: error.to_string() })?;
        let client = self.address.client(patience, &self.client.client_version())?;
        runtime.block_on(async { call(client).await })
    }
}

/// The version, with the name of what it is the version of where that is not Docker.
fn named(told: bollard::models::SystemVersion) -> String {
    let version = told.version.unwrap_or_default();
    let podman = told.components.iter().flatten().any(|component| component.name.starts_with("Podman"));
    if podman { format!("{PODMAN}{version}") } else { version }
}

impl Engine for DockerEngine {
    fn version(&self) -> BoxFuture<'_, Result<String>> {
        async {
            let answer = tokio::time::timeout(GREETING, self.client.version()).await;
            let answer = answer.map_err(|error| error.to_string());
            match answer.and_then(|answer| answer.map_err(|error| error.to_string())) {
                Ok(version) => Ok(named(version)),
                Err(reason) => Err(Error::Engine { reason }),
            }
        }
        .boxed()
    }

    fn machine(&self) -> BoxFuture<'_, Result<Machine>> {
        async {
            let told = self.client.info().await.map_err(failure::request)?;
            Ok(Machine {
                architecture: told.architecture.unwrap_or_default(),
                kernel: told.kernel_version.unwrap_or_default(),
            })
        }
        .boxed()
    }

    fn build<'a>(
        &'a self,
        request: BuildRequest,
        progress: &'a mut dyn Progress,
    ) -> BoxFuture<'a, Result<String>> {
        solve::solve(self, request, progress).boxed()
    }

    fn image<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Option<Image>>> {
        images::inspect(self, reference).boxed()
    }

    fn history<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Vec<Step>>> {
        images::history(self, reference).boxed()
    }

    fn pull<'a>(&'a self, reference: &'a str, progress: &'a mut dyn Progress) -> BoxFuture<'a, Result<()>> {
        transfer::pull(self, reference, progress).boxed()
    }

    fn push<'a>(
        &'a self,
        reference: &'a str,
        progress: &'a mut dyn Progress,
    ) -> BoxFuture<'a, Result<String>> {
        transfer::push(self, reference, progress).boxed()
    }

    fn load(&self, archive: ContextTar) -> Result<()> {
        self.block_for(WHOLE_IMAGE, async |client| images::load(&client, archive).await)
    }

    fn save(&self, image: &str, out: &mut dyn std::io::Write) -> Result<()> {
        self.block_for(WHOLE_IMAGE, async |client| images::save(&client, image, out).await)
    }

    fn tag(&self, image: &str, reference: &str) -> Result<()> {
        self.block_on(async |client| images::tag(&client, image, reference).await)
    }

    fn remove_image(&self, reference: &str) -> Result<()> {
        self.block_on(async |client| images::remove(&client, reference).await)
    }

    fn download<'a>(&'a self, name: &'a str, path: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        containers::download(self, name, path).boxed()
    }

    fn create(&self, name: &str, spec: &ContainerSpec) -> Result<()> {
        let needs_this_machine = spec.port.is_some() || !spec.published.is_empty() || !spec.binds.is_empty();
        if needs_this_machine && self.address.is_elsewhere() {
            return Err(Error::Elsewhere { address: self.address.to_string() });
        }
        self.block_on(async |client| containers::create(&client, name, spec).await)
    }

    fn start<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<()>> {
        containers::start(self, name).boxed()
    }

    fn state<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<ContainerState>> {
        containers::state(self, name).boxed()
    }

    fn logs(&self, name: &str) -> BoxStream<'static, Result<LogChunk>> {
        containers::logs(self, name)
    }

    fn attach<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Attached>> {
        attach::attach(self, name).boxed()
    }

    fn resize<'a>(&'a self, name: &'a str, size: TerminalSize) -> BoxFuture<'a, Result<()>> {
        attach::resize(self, name, size).boxed()
    }

    fn signal<'a>(&'a self, name: &'a str, signal: &'a str) -> BoxFuture<'a, Result<()>> {
        containers::signal(self, name, signal).boxed()
    }

    fn stop<'a>(&'a self, name: &'a str, grace: Duration) -> BoxFuture<'a, Result<()>> {
        containers::stop(self, name, grace).boxed()
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.block_on(async |client| containers::remove(&client, name).await)
    }
}
