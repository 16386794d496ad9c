//! What `cargo metadata` says about the project, and the choices it leaves.

use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, Metadata, MetadataCommand, Package, TargetKind};

use super::closure::Packages;
use super::lock::LockFile;
use super::{CargoTarget, Project, ProjectError, ProjectFile, accelerators, closure, toolchain};
use crate::config::Build;

/// Completes a project with what Cargo knows of it.
pub(super) fn load(file: ProjectFile) -> Result<Project, ProjectError> {
    let ProjectFile { directory, config } = file;
    let manifest = directory.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(ProjectError::NoManifest(directory));
    }
    let metadata = manifests(&manifest)?;
    let packages = Packages::of(&metadata);
    let workspace_root = metadata.workspace_root.clone().into_std_path_buf();
    let has_own_target_directory = metadata.target_directory.as_std_path() != workspace_root.join("target");
    let lock_path = workspace_root.join("Cargo.lock");
    if !lock_path.is_file() {
        return Err(ProjectError::NoLock(workspace_root));
    }
    let package = model_package(&metadata, &directory, &config.build)?;
    let cargo = target(package, &config.build)?;
    if let Some(reference) = &config.predict
        && !directory.join(&reference.file).is_file()
    {
        return Err(ProjectError::NoPredictorFile { file: reference.file.clone() });
    }
    let package_directory = directory_of(package);
    let rust_version = toolchain::version(
        config.build.rust_version.as_deref(),
        &package_directory,
        &workspace_root,
        package.rust_version.as_ref().map(|version| (version.major, version.minor)),
    )?;
    let closure = closure::of(packages, &package_directory, &directory, &workspace_root)?;
    let lock = LockFile::read(&lock_path)?;
    let accelerators = accelerators::of(&lock, &config.build, &package_directory.join("Cargo.toml"), &cargo)?;
    Ok(Project {
        directory,
        config,
        cargo,
        package_directory,
        workspace_root,
        has_own_target_directory,
        rust_version,
        closure,
        accelerators,
        lock,
    })
}

/// Directory of a package, absolute.
pub(super) fn directory_of(package: &Package) -> PathBuf {
    let manifest = package.manifest_path.as_std_path();
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// The packages of the workspace that a manifest belongs to, without a resolution: nothing is downloaded and no lock
/// file is written.
pub(super) fn manifests(manifest: &Path) -> Result<Metadata, ProjectError> {
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest).no_deps();
    run(&mut command, manifest)
}

/// The resolution of the whole workspace under the lock file, for questions about features of other people's
/// packages, as GPU models need them: on Linux. May download them.
pub(super) fn resolution(manifest: &Path, target: &CargoTarget) -> Result<Metadata, ProjectError> {
    let mut command = MetadataCommand::new();
    let options = ["--locked", "--filter-platform", "x86_64-unknown-linux-gnu"];
    command.manifest_path(manifest).other_options(options.map(str::to_owned));
    if !target.default_features {
        command.features(CargoOpt::NoDefaultFeatures);
    }
    if !target.features.is_empty() {
        command.features(CargoOpt::SomeFeatures(target.features.clone()));
    }
    run(&mut command, manifest)
}

/// Started where the manifest is, so that the project's own Cargo configuration and toolchain count.
fn run(command: &mut MetadataCommand, manifest: &Path) -> Result<Metadata, ProjectError> {
    command.current_dir(manifest.parent().unwrap_or(manifest));
    command.exec().map_err(|error| match error {
        cargo_metadata::Error::Io(error) => ProjectError::NoCargo(error),
        cargo_metadata::Error::CargoMetadata { stderr } => ProjectError::Metadata(stderr.trim().to_owned()),
        error => ProjectError::Metadata(error.to_string()),
    })
}

fn model_package<'m>(
    metadata: &'m Metadata,
    directory: &Path,
    build: &Build,
) -> Result<&'m Package, ProjectError> {
    let members = metadata.workspace_packages();
    if let Some(name) = &build.package {
        return members.iter().find(|package| package.name.as_str() == name).copied().ok_or_else(|| {
            let members = members.iter().map(|package| package.name.to_string()).collect();
            ProjectError::UnknownPackage { package: name.clone(), members }
        });
    }
    if let Some(package) = members.iter().find(|package| directory_of(package) == *directory) {
        return Ok(package);
    }
    let with_binary: Vec<&&Package> =
        members.iter().filter(|package| !binaries(package).is_empty()).collect();
    match &with_binary[..] {
        [package] => Ok(package),
        _ => Err(ProjectError::NoPackageChosen {
            directory: directory.to_owned(),
            members: with_binary.iter().map(|package| package.name.to_string()).collect(),
        }),
    }
}

fn binaries(package: &Package) -> Vec<String> {
    package
        .targets
        .iter()
        .filter(|target| target.kind.contains(&TargetKind::Bin))
        .map(|target| target.name.clone())
        .collect()
}

fn target(package: &Package, build: &Build) -> Result<CargoTarget, ProjectError> {
    let name = package.name.to_string();
    let bins = binaries(package);
    let bin = match (&build.bin, &bins[..]) {
        (_, []) => return Err(ProjectError::NoBinary(name)),
        (Some(bin), bins) if bins.contains(bin) => bin.clone(),
        (Some(bin), bins) => {
            return Err(ProjectError::UnknownBinary { package: name, bin: bin.clone(), bins: bins.to_vec() });
        }
        (None, [bin]) => bin.clone(),
        (None, bins) => match package.default_run.as_ref().filter(|bin| bins.contains(bin)) {
            Some(bin) => bin.clone(),
            None => return Err(ProjectError::ManyBinaries { package: name, bins: bins.to_vec() }),
        },
    };
    for feature in build.features.iter().filter(|feature| !feature.contains('/')) {
        if !package.features.contains_key(feature) {
            let features = package.features.keys().filter(|name| *name != "default").cloned().collect();
            return Err(ProjectError::UnknownFeature { package: name, feature: feature.clone(), features });
        }
    }
    Ok(CargoTarget {
        package: name,
        bin,
        features: build.features.clone(),
        default_features: build.default_features,
    })
}
