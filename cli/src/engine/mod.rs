//! The one door to a container engine.
//!
//! Owns what the rest of the program may ask of an engine, in its own words: [`Engine`]. Refuses to know what a
//! model is: an image is a reference, labels and files; a container is a process with one port. The real engine is
//! [`docker`]; everything that must not outlive a failure is held by [`Container`].

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

mod attachment;
mod build;
mod container;
pub mod docker;
mod error;
mod gpus;
mod machine;
mod owner;
mod peek;
mod progress;
mod scratch;
#[cfg(test)]
pub(crate) mod testing;
mod uninterrupted;

pub use attachment::{Attached, Attachment, TerminalSize};
#[cfg(test)]
pub use build::SecretSource;
pub use build::{BuildRequest, BuildSecret, ContextTar};
pub use container::Container;
pub use error::{Error, Result};
pub use gpus::Gpus;
pub use machine::Machine;
pub use peek::read_file;
#[cfg(test)]
pub use progress::Quiet;
pub use progress::{Event, LayerState, Progress};
pub use scratch::ScratchImage;
pub use uninterrupted::uninterrupted;

/// The label that marks every container this program makes; its value identifies the run that made it.
pub const OWNER_LABEL: &str = "run.cog.cli";

/// The label that says whether that run is still there ([`owner`]).
const OWNER_PROCESS_LABEL: &str = "run.cog.cli.process";

/// What this program needs of a container engine, and nothing else.
///
/// Futures may be dropped at any point. What makes, names or removes something is not a future but a call that blocks:
/// a request that cannot be given up half-way cannot leave anything that nobody knows of. [`uninterrupted`] makes such
/// calls from asynchronous code. Containers and names for the length of some work are looked after by [`Container`]
/// and [`ScratchImage`], so callers use those rather than [`Engine::create`] and its neighbours.
pub trait Engine: Send + Sync + std::fmt::Debug {
    /// The engine's version, `20.10.24`; where it is not Docker's, with its name before it, `podman 4.3.1`.
    fn version(&self) -> BoxFuture<'_, Result<String>>;

    /// The machine that it is on.
    fn machine(&self) -> BoxFuture<'_, Result<Machine>>;

    /// Builds an image and returns its id (`sha256:…`), reporting each step to `progress`. The image has no name yet.
    /// Dropping the future waits until the engine has abandoned the build.
    fn build<'a>(
        &'a self,
        request: BuildRequest,
        progress: &'a mut dyn Progress,
    ) -> BoxFuture<'a, Result<String>>;

    /// What is known of a local image; `None` when the engine does not have it.
    fn image<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Option<Image>>>;

    /// The steps that made a local image, lowest first, those that added nothing among them.
    fn history<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Vec<Step>>>;

    /// Fetches an image from its registry, with that registry's credentials only.
    fn pull<'a>(&'a self, reference: &'a str, progress: &'a mut dyn Progress) -> BoxFuture<'a, Result<()>>;

    /// Sends a local image to its registry and returns the digest (`sha256:…`) of the manifest there.
    fn push<'a>(
        &'a self,
        reference: &'a str,
        progress: &'a mut dyn Progress,
    ) -> BoxFuture<'a, Result<String>>;

    /// Takes in the one image of an archive in the form of `docker save`, on the calling thread.
    fn load(&self, archive: ContextTar) -> Result<()>;

    /// Gives an image out as an archive in the form of `docker save`, on the calling thread.
    fn save(&self, image: &str, out: &mut dyn std::io::Write) -> Result<()>;

    /// Gives `image` another name, on the calling thread.
    fn tag(&self, image: &str, reference: &str) -> Result<()>;

    /// Takes a name off an image, and the image itself with its last name, on the calling thread. An absent image is
    /// no error, nor is one that something else still needs.
    fn remove_image(&self, reference: &str) -> Result<()>;

    /// The bytes of a regular file in a container, running or not; `None` when it has no such file.
    fn download<'a>(&'a self, name: &'a str, path: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>>>;

    /// Makes a container called `name` on the calling thread, without starting it.
    fn create(&self, name: &str, spec: &ContainerSpec) -> Result<()>;

    /// Starts a container.
    fn start<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<()>>;

    /// How a container is doing.
    fn state<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<ContainerState>>;

    /// Both output streams of a container from its start, followed until it ends. Chunks are not lines.
    fn logs(&self, name: &str) -> BoxStream<'static, Result<LogChunk>>;

    /// Takes hold of the streams of a container that has an [`Attachment`], before it is started.
    fn attach<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Attached>>;

    /// Tells a container's terminal its size.
    fn resize<'a>(&'a self, name: &'a str, size: TerminalSize) -> BoxFuture<'a, Result<()>>;

    /// Sends a signal (`INT`, `TERM`, …) to a container's process. A gone container is no error.
    fn signal<'a>(&'a self, name: &'a str, signal: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Asks a container to end (its image's stop signal) and kills it after `grace`. A gone container is no error.
    fn stop<'a>(&'a self, name: &'a str, grace: Duration) -> BoxFuture<'a, Result<()>>;

    /// Kills and removes a container on the calling thread. A gone container is no error.
    fn remove(&self, name: &str) -> Result<()>;
}

/// A local image.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Image {
    /// `sha256:…` of the image's configuration, or of its manifest ([`Image::is_manifest`]).
    pub id: String,
    /// Its names.
    pub names: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// How it is run, labels left out: environment, entry point, user, ports, ….
    pub config: serde_json::Value,
    /// The digests of its uncompressed layers, lowest first.
    pub layers: Vec<String>,
    /// Bytes on disk.
    pub size: u64,
    /// `amd64`, `arm64`, ….
    pub architecture: String,
    /// The names it has in registries, each with its digest there.
    pub digests: Vec<String>,
    /// The moment it says it is of.
    pub created: Option<String>,
}

impl Image {
    /// Whether the engine keeps images as registries do, which gives them the digests of their manifests for ids. (Docker
    /// does where containerd's image store is on, as in new installations of 29; it can only be told of an image that has
    /// a name.)
    pub fn is_manifest(&self) -> bool {
        self.digests.iter().any(|name| name.rsplit('@').next() == Some(&self.id))
    }
}

/// A step that made an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub created_by: String,
    /// Bytes that it added.
    pub size: u64,
}

/// A container to be made.
#[derive(Debug, Clone, Default)]
pub struct ContainerSpec {
    /// The image to run.
    pub image: String,
    /// Arguments after the image's entry point.
    pub args: Vec<String>,
    /// The command to run instead of the image's entry point and arguments.
    pub command: Option<Vec<String>>,
    /// The user to run as (`UID:GID`) instead of the image's.
    pub user: Option<String>,
    /// The directory to run in instead of the image's.
    pub directory: Option<String>,
    /// What its streams are connected to; nothing, unless someone will [`Engine::attach`].
    pub attachment: Option<Attachment>,
    /// Addresses of the host to publish the same port of the container on, besides `port`.
    pub published: Vec<std::net::SocketAddr>,
    /// `NAME=value`, or `NAME` alone to unset one of the image's.
    pub env: Vec<String>,
    /// The port inside the container to publish on a free port of 127.0.0.1.
    pub port: Option<u16>,
    /// Publish on this port of the host instead of a free one.
    pub host_port: Option<u16>,
    /// Publish on this address of the host instead of 127.0.0.1.
    pub host_address: Option<std::net::IpAddr>,
    /// Whether it finds the host by the name `host.docker.internal`.
    pub knows_host: bool,
    /// Directories and files of the host to be seen inside.
    pub binds: Vec<Bind>,
    /// GPUs to hand in.
    pub gpus: Option<Gpus>,
    /// Bytes of `/dev/shm`; the engine's default (64 MiB) when absent.
    pub shm_size: Option<u64>,
    /// Labels besides [`OWNER_LABEL`], which is always set.
    pub labels: BTreeMap<String, String>,
}

/// The name by which a container finds the host, where [`ContainerSpec::knows_host`] says so.
pub const HOST: &str = "host.docker.internal";

/// A path of the host shown inside a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// Absolute path on the host.
    pub source: PathBuf,
    /// Absolute path in the container.
    pub target: String,
    /// Whether the container may not write.
    pub read_only: bool,
}

/// How a container is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerState {
    /// Whether its process lives.
    pub running: bool,
    /// The process's exit code, once it has ended.
    pub exit_code: Option<i64>,
    /// Whether the kernel killed it for its memory.
    pub out_of_memory: bool,
    /// What the engine has to say about it, if anything.
    pub error: String,
    /// The host port its port is published on, while it runs.
    pub host_port: Option<u16>,
}

/// A piece of a container's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogChunk {
    /// Whether it went to the standard error stream.
    pub is_stderr: bool,
    /// The bytes as they came.
    pub bytes: bytes::Bytes,
}
