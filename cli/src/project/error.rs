//! Why a directory is not a project that can be built.

use std::path::PathBuf;

use crate::config::ConfigError;

/// Why a project cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The directory given does not exist or is not a directory.
    #[error("`{}` is not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// No `cog.yaml` in the directory or above it.
    #[error("no `cog.yaml` in `{}` or in any directory above it", .0.display())]
    NoConfig(PathBuf),
    /// A file that is there cannot be read.
    #[error("cannot read `{}`: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// `cog.yaml` has faults.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The project directory holds no package.
    #[error("`{}` has a `cog.yaml` but no `Cargo.toml`", .0.display())]
    NoManifest(PathBuf),
    /// The workspace has no lock file.
    #[error("`{}` has no `Cargo.lock`", .0.display())]
    NoLock(PathBuf),
    /// `cargo` is not installed.
    #[error("`cargo` cannot be started: {0}")]
    NoCargo(std::io::Error),
    /// `cargo metadata` refuses the project.
    #[error("cargo cannot read the project:\n{0}")]
    Metadata(String),
    /// The manifest is a workspace without a package and `build.package` is silent.
    #[error("`{}` is a workspace, and `cog.yaml` does not say which member is the model", .directory.display())]
    NoPackageChosen {
        /// The project directory.
        directory: PathBuf,
        /// Members that have a binary.
        members: Vec<String>,
    },
    /// `build.package` names no member.
    #[error("the workspace has no package `{package}`")]
    UnknownPackage {
        /// What `cog.yaml` says.
        package: String,
        /// Members there are.
        members: Vec<String>,
    },
    /// The package has no binary.
    #[error("package `{0}` has no binary target, so there is no model to run")]
    NoBinary(String),
    /// The package has several binaries and nothing says which is the model.
    #[error("package `{package}` has {} binary targets: {}", .bins.len(), .bins.iter().map(|bin| format!("`{bin}`")).collect::<Vec<_>>().join(", "))]
    ManyBinaries {
        /// The package.
        package: String,
        /// Its binaries.
        bins: Vec<String>,
    },
    /// `build.bin` names no binary of the package.
    #[error("package `{package}` has no binary target `{bin}`")]
    UnknownBinary {
        /// The package.
        package: String,
        /// What `cog.yaml` says.
        bin: String,
        /// Binaries there are.
        bins: Vec<String>,
    },
    /// `build.features` names a feature the package lacks.
    #[error("package `{package}` has no feature `{feature}`")]
    UnknownFeature {
        /// The package.
        package: String,
        /// What `cog.yaml` says.
        feature: String,
        /// Features there are.
        features: Vec<String>,
    },
    /// The file that `predict:` names is not there.
    #[error("`predict` names `{file}`, which is not in the project")]
    NoPredictorFile {
        /// The file named.
        file: String,
    },
    /// The toolchain file asks for something no builder image has.
    #[error("`{}` asks for the toolchain `{channel}`, for which there is no builder image", .file.display())]
    Toolchain {
        /// The toolchain file.
        file: PathBuf,
        /// The channel it names.
        channel: String,
    },
    /// `Cargo.lock` is not a lock file.
    #[error("`{}` is not a lock file: {source}", .path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why.
        source: toml::de::Error,
    },
}

impl ProjectError {
    /// What the author can do about it, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoConfig(_) => {
                "run `cog init` in an empty directory, or name the project with `-C DIR`".into()
            }
            Self::NoManifest(_) => {
                "a model is a Cargo package: run `cargo init`, or `cog init` in an empty directory".into()
            }
            Self::NoLock(_) => "run `cargo generate-lockfile`, and commit the file".into(),
            Self::NoCargo(_) => "install Rust from https://rustup.rs".into(),
            Self::NoPackageChosen { members, .. } => {
                format!("add `build.package` to `cog.yaml`: {}", choices(members))
            }
            Self::UnknownPackage { members, .. } => format!("the members are {}", choices(members)),
            Self::NoBinary(_) => "add `src/main.rs` with `cog::main` in it".into(),
            Self::ManyBinaries { bins, .. } => {
                format!("say which one is the model with `build.bin` in `cog.yaml`: {}", choices(bins))
            }
            Self::UnknownBinary { bins, .. } => format!("its binary targets are {}", choices(bins)),
            Self::UnknownFeature { features, .. } if features.is_empty() => {
                "the package declares no features; take `build.features` out of `cog.yaml`".into()
            }
            Self::UnknownFeature { features, .. } => format!("its features are {}", choices(features)),
            Self::Toolchain { .. } => "set `build.rust_version` in `cog.yaml`, for example \"1.95\"".into(),
            _ => return None,
        })
    }
}

fn choices(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
