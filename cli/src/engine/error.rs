//! What can go wrong between this program and an engine, told apart where a user would do something else about it.

use std::io;

/// A result of an engine.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody answers where the engine should be.
    #[error("no Docker engine answers at `{address}`: {reason}")]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What the attempt met.
        reason: String,
    },
    /// The engine was there, and hung up in the middle of something.
    #[error("the Docker engine went away while it was at work: {reason}")]
    Lost {
        /// What the connection met.
        reason: String,
    },
    /// The engine is there but this user may not talk to it.
    #[error("may not talk to the Docker engine at `{address}`: permission denied")]
    Forbidden {
        /// Where it is.
        address: String,
    },
    /// `DOCKER_HOST` or a context names a place this program cannot use.
    #[error("cannot use the Docker engine at `{address}`: {reason}")]
    BadAddress {
        /// What was named.
        address: String,
        /// Why not.
        reason: String,
    },
    /// `DOCKER_HOST` or a context names a place to be reached by SSH.
    #[error("the Docker engine at `ssh://{place}` is not reached by SSH itself")]
    OverSsh {
        /// User, host and port.
        place: String,
    },
    /// The engine has no such image.
    #[error("the Docker engine has no image `{reference}`")]
    NoSuchImage {
        /// The image.
        reference: String,
    },
    /// The registry has no such image, or hides it.
    #[error("`{registry}` has no image `{reference}`, or does not show it to you")]
    NotInRegistry {
        /// The registry.
        registry: String,
        /// The image.
        reference: String,
    },
    /// The registry refused the credentials, or wants some.
    #[error("`{registry}` refused access to `{reference}`: {reason}")]
    Unauthorized {
        /// The registry.
        registry: String,
        /// The image.
        reference: String,
        /// What the registry said.
        reason: String,
    },
    /// The registry cannot be reached.
    #[error("registry `{registry}` cannot be reached: {reason}")]
    RegistryUnreachable {
        /// The registry.
        registry: String,
        /// What the attempt met.
        reason: String,
    },
    /// The registry speaks plain HTTP and the engine does not allow that.
    #[error("registry `{registry}` does not speak HTTPS")]
    PlainHttp {
        /// The registry.
        registry: String,
    },
    /// A credential could not be had for a registry that is configured to have one.
    #[error("no credentials for `{registry}`: {reason}")]
    Credentials {
        /// The registry.
        registry: String,
        /// Why not.
        reason: String,
    },
    /// A step of a build failed. Its output has been shown as progress.
    #[error("the build failed at `{step}`: {reason}")]
    BuildStep {
        /// The step.
        step: String,
        /// In the builder's words.
        reason: String,
    },
    /// The build failed outside any step.
    #[error("the build failed: {reason}")]
    Build {
        /// In the builder's words.
        reason: String,
    },
    /// An image the Dockerfile starts from is neither here nor to be had.
    #[error("base image `{reference}` is not to be had: {reason}")]
    BaseImage {
        /// The image.
        reference: String,
        /// In the builder's words.
        reason: String,
    },
    /// The engine has no BuildKit.
    #[error("this engine does not build: it has no BuildKit")]
    NoBuildKit,
    /// The engine's machine is another.
    #[error("the Docker engine is on {architecture}, and cannot run what is built for {platform}")]
    Platform {
        /// What was asked for.
        platform: String,
        /// What the engine has.
        architecture: String,
    },
    /// The context could not be read.
    #[error("cannot read the build context: {0}")]
    Context(#[source] io::Error),
    /// A secret could not be read.
    #[error("cannot read build secret `{id}`: {reason}")]
    Secret {
        /// The secret.
        id: String,
        /// Why not.
        reason: String,
    },
    /// The engine's disk is full.
    #[error("the Docker engine has no space left: {reason}")]
    NoSpace {
        /// In the engine's words.
        reason: String,
    },
    /// The asked-for port of the host is taken.
    #[error("port {port} is in use")]
    PortInUse {
        /// The port.
        port: u16,
    },
    /// The engine has no driver for the GPUs asked for.
    #[error("the Docker engine has no GPU driver: {reason}")]
    NoGpuDriver {
        /// In the engine's words.
        reason: String,
    },
    /// It is on another machine, and the container would need something of this one.
    #[error(
        "the engine at {address} is on another machine: a container there has no ports and no files of this one"
    )]
    Elsewhere {
        /// Where.
        address: String,
    },
    /// The image has no such program to start a container with.
    #[error("the image has no such command: {reason}")]
    NoCommand {
        /// In the engine's words.
        reason: String,
    },
    /// The engine did not answer in time.
    #[error("the Docker engine did not answer in time")]
    TimedOut,
    /// Anything else, in the engine's words.
    #[error("the Docker engine said: {reason}")]
    Engine {
        /// Its words.
        reason: String,
    },
}

impl Error {
    /// What to do about it, a sentence or more, where this program knows.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unreachable { .. } => {
                "start Docker (`sudo systemctl start docker`, or open Docker Desktop) and run this again; \
                 or leave Docker out with `--local`, which compiles and runs the model on this machine"
                    .to_owned()
            }
            Self::Lost { .. } => {
                "run this again when it answers (`docker version`): what it had finished is in its cache".to_owned()
            }
            Self::Forbidden { .. } => "add yourself to the `docker` group (`sudo usermod -aG docker $USER`) and log in \
                 again; or leave Docker out with `--local`"
                .to_owned(),
            Self::BadAddress { .. } => "DOCKER_HOST takes unix://PATH, tcp://HOST:PORT or https://HOST:PORT".to_owned(),
            Self::OverSsh { place } => format!(
                "let `ssh` bring its socket here, and name that: `ssh -fNT -L /tmp/engine.sock:/var/run/docker.sock \
                 ssh://{place}`, `DOCKER_HOST=unix:///tmp/engine.sock`"
            ),
            Self::NoSuchImage { reference } => {
                format!("`cog build -t {reference}` makes it, `docker pull {reference}` fetches it")
            }
            Self::NotInRegistry { registry, .. } => format!(
                "check the name; if it is private, `cog login {registry}` as a user who may read it"
            ),
            Self::Unauthorized { registry, .. } | Self::Credentials { registry, .. } => {
                format!("log in with `cog login {registry}` and run this again")
            }
            Self::RegistryUnreachable { .. } => "check the name and the network of the Docker engine".to_owned(),
            Self::PlainHttp { registry } => format!(
                "use a registry with TLS, or list `{registry}` under `insecure-registries` in the engine's daemon.json"
            ),
            Self::BaseImage { reference, .. } => format!(
                "`docker pull {reference}` shows whether the engine can reach its registry; a machine without that \
                 registry can have the image brought in with `docker save` and `docker load`"
            ),
            Self::NoBuildKit => "Docker has it from 20.10 on; podman has none, but takes and runs what this machine's cargo \
                 compiles: `--builder host`"
                .to_owned(),
            Self::Platform { platform, .. } => format!(
                "build for its own (`--platform`), build on such a machine (`DOCKER_HOST`), have this one emulate it (`docker run --rm --privileged \
                 tonistiigi/binfmt --install {}`), or compile for it here: `--builder host`",
                platform.trim_start_matches("linux/")
            ),
            Self::NoSpace { .. } => {
                "`docker system df` shows what takes it, `docker builder prune` and `docker image prune` give it back"
                    .to_owned()
            }
            Self::PortInUse { .. } => "pick another one with `--port`".to_owned(),
            Self::Elsewhere { .. } => "run `cog` where the engine is, or without Docker (`--local`); images are built and \
                 pushed from here, and `--url` asks a model that runs somewhere"
                .to_owned(),
            Self::NoGpuDriver { .. } => "install the NVIDIA Container Toolkit, or run without `--gpus`".to_owned(),
            _ => return None,
        })
    }
}
