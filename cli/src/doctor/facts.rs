//! What is the case, asked for once.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::context::trust::Certificates;
use crate::cuda::{self, Version};
use crate::engine::docker;
use crate::plan::{Mirror, Options, Plan};
use crate::project::{Project, ProjectError, ProjectFile};
use crate::reference::Reference;
use crate::{cache, credentials, weights};

/// What is the case.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The engine's version, or why it does not answer.
    pub docker: Option<Result<String, String>>,
    /// The first line of `cargo --version`; nothing where there is none.
    pub cargo: Option<String>,
    /// Bytes that are free where the cache is.
    pub free: Option<u64>,
    /// What keeps `COG_CA_CERT` from being used.
    pub certificates: Option<String>,
    /// What `nvidia-smi` says of the GPUs, asked for [`cuda::QUERY`]; nothing where there is none.
    pub gpus: String,
    /// The project.
    pub project: Subject,
}

/// The project, as far as it can be read.
#[derive(Debug, Clone, Default)]
pub enum Subject {
    /// There is none here.
    #[default]
    Absent,
    /// It has faults.
    Broken {
        /// Where its package is.
        directory: PathBuf,
        /// Which faults.
        reason: String,
        /// What to do about them.
        hint: Option<String>,
        /// Whether it is the lock file.
        lock: bool,
    },
    /// It can be planned.
    Sound(Box<Sound>),
}

/// A project that can be planned.
#[derive(Debug, Clone)]
pub struct Sound {
    /// Where it is.
    pub directory: PathBuf,
    /// What it wants of a GPU, if it is for one.
    pub gpu: Option<Gpu>,
    /// Whether `weights.lock` is of the `cog.yaml` beside it: how many weights there are, or what is out of step.
    pub weights: Result<usize, String>,
    /// The Rust version that its image is compiled with.
    pub rust: String,
    /// Whether the lock file is what the manifests ask for.
    pub locked: bool,
    /// Whether its sources hand over to a predictor.
    pub predictor: bool,
    /// The images that it is built with.
    pub bases: Vec<Base>,
    /// The registry that `image:` of `cog.yaml` is in, and whether there are credentials for it.
    pub registry: Option<(String, Result<bool, String>)>,
}

/// What a model wants of a GPU.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gpu {
    /// What its code is compiled for, as its image's label will say.
    pub targets: String,
    /// The CUDA version of its image.
    pub cuda: Option<Version>,
}

/// An image that a build begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Its name.
    pub name: String,
    /// Whether the engine has it.
    pub here: bool,
}

impl Facts {
    /// Asks for all of them. Waits for the engine, but for no registry.
    pub async fn gather(directory: &Path) -> Self {
        let engine = docker::connect().await;
        let docker = match &engine {
            Ok(engine) => engine.version().await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let mut project = {
            let directory = directory.to_owned();
            tokio::task::spawn_blocking(move || subject(&directory)).await.unwrap_or_default()
        };
        if let (Ok(engine), Subject::Sound(sound)) = (&engine, &mut project) {
            for base in &mut sound.bases {
                base.here = engine.image(&base.name).await.is_ok_and(|image| image.is_some());
            }
        }
        Self {
            docker: Some(docker),
            cargo: said("cargo", &["--version"]).and_then(|text| text.lines().next().map(str::to_owned)),
            free: free(),
            certificates: Certificates::from_environment().err().map(|error| error.to_string()),
            gpus: said("nvidia-smi", &cuda::QUERY).unwrap_or_default(),
            project,
        }
    }
}

impl Facts {
    /// Where the project's package is, if there is one.
    pub fn package(&self) -> Option<&Path> {
        match &self.project {
            Subject::Absent => None,
            Subject::Broken { directory, .. } => Some(directory),
            Subject::Sound(sound) => Some(&sound.directory),
        }
    }
}

fn subject(directory: &Path) -> Subject {
    let place = match ProjectFile::find(directory) {
        Ok(file) => file.directory,
        Err(ProjectError::NoConfig(_)) => return Subject::Absent,
        Err(_) => directory.to_owned(),
    };
    let project = match Project::load(directory) {
        Ok(project) => project,
        Err(error) => {
            let lock = matches!(error, ProjectError::NoLock(_));
            let (reason, hint) = (error.to_string(), error.hint());
            return Subject::Broken { directory: place, reason, hint, lock };
        }
    };
    let mirror = match Mirror::from_environment() {
        Ok(mirror) => mirror,
        Err(error) => {
            let (reason, hint) = (error.to_string(), error.hint());
            return Subject::Broken { directory: project.directory, reason, hint, lock: false };
        }
    };
    let plan = match Plan::new(&project, &Options { mirror, ..Options::default() }) {
        Ok(plan) => plan,
        Err(error) => {
            let (reason, hint) = (error.to_string(), error.hint());
            return Subject::Broken { directory: project.directory, reason, hint, lock: false };
        }
    };
    let registry = project.config.image.as_deref().and_then(|image| Reference::parse(image).ok());
    let registry = registry.filter(Reference::has_registry).map(|reference| {
        let registry = reference.registry().to_owned();
        let login = credentials::lookup(&registry).map(|login| login.is_some());
        (registry, login.map_err(|error| error.to_string()))
    });
    let bases = [plan.builder, plan.base].into_iter().filter(|name| name != "scratch");
    Subject::Sound(Box::new(Sound {
        gpu: plan.cuda.map(|cuda| Gpu {
            targets: cuda.targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            cuda: cuda.version.parse().ok(),
        }),
        weights: weights::check(&project.directory, &project.config.weights)
            .map(|lock| lock.map_or(0, |lock| lock.weights.len()))
            .map_err(|error| error.to_string()),
        rust: project.rust_version.clone(),
        locked: said_in(&project.package_directory, "cargo", &["metadata", "--locked", "--format-version=1"])
            .is_some(),
        predictor: hands_over(&project.package_directory.join("src")),
        bases: bases.map(|name| Base { name, here: false }).collect(),
        registry,
        directory: project.package_directory,
    }))
}

/// Whether any source in the directory calls `cog::main`, however it is spelt.
fn hands_over(directory: &Path) -> bool {
    std::fs::read_dir(directory).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return hands_over(&path);
        }
        path.extension().is_some_and(|extension| extension == "rs")
            && std::fs::read_to_string(&path).is_ok_and(|text| text.contains("cog::main"))
    })
}

/// What a program prints; nothing where it cannot be started or fails.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    said_in(Path::new("."), program, arguments)
}

fn said_in(directory: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).current_dir(directory).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn free() -> Option<u64> {
    cache::left(&cache::room("host").ok()?)
}
