//! The locked packages that tie a model to a CUDA version, with the features this build gives them.
//!
//! Features are the one thing a lock file does not say, so that Cargo is asked for a resolution, for GPU models only.
//! What the packages mean for the image is decided by `plan`.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, Node, PackageId};

use super::lock::LockFile;
use super::{CargoTarget, ProjectError, metadata};
use crate::config::Build;

/// Packages that matter.
const NAMES: &[&str] =
    &["bindgen_cuda", "candle-core", "candle-kernels", "cubecl-cuda", "cudaforge", "cudarc", "ort", "tch"];

/// A locked package that has a say in which CUDA is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accelerator {
    /// Name of the package.
    pub name: String,
    /// Locked version.
    pub version: String,
    /// Features switched on; none where Cargo could not be asked.
    pub features: Option<Vec<String>>,
}

/// The accelerators of a GPU model.
///
/// # Errors
/// Cargo cannot be asked, and `build.cuda` does not make the answer dispensable.
pub(super) fn of(
    lock: &LockFile,
    build: &Build,
    manifest: &Path,
    target: &CargoTarget,
) -> Result<Vec<Accelerator>, ProjectError> {
    if !build.gpu || !lock.packages.iter().any(|package| NAMES.contains(&&*package.name)) {
        return Ok(Vec::new());
    }
    match metadata::resolution(manifest, target) {
        Ok(metadata) => Ok(resolved(&metadata, &target.package)),
        Err(_) if build.cuda.is_some() => Ok(locked(lock, &target.package)),
        Err(error) => Err(error),
    }
}

/// Of what the package called `model` is compiled from: other members of its workspace may be models of their own.
fn resolved(metadata: &Metadata, model: &str) -> Vec<Accelerator> {
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let nodes: HashMap<&PackageId, &Node> = nodes.map(|node| (&node.id, node)).collect();
    let members = metadata.workspace_packages();
    let mut next: Vec<&PackageId> =
        members.iter().filter(|package| package.name.as_str() == model).map(|package| &package.id).collect();
    let mut needed = HashSet::new();
    while let Some(id) = next.pop() {
        if needed.insert(id) {
            let dependencies = nodes.get(id).into_iter().flat_map(|node| &node.deps);
            let compiled = dependencies.filter(|dependency| {
                dependency.dep_kinds.iter().any(|how| how.kind != DependencyKind::Development)
            });
            next.extend(compiled.map(|dependency| &dependency.pkg));
        }
    }
    let accelerators = needed
        .into_iter()
        .filter_map(|id| {
            let node = nodes.get(id)?;
            let package = metadata.packages.iter().find(|package| package.id == node.id)?;
            NAMES.contains(&package.name.as_str()).then(|| Accelerator {
                name: package.name.to_string(),
                version: package.version.to_string(),
                features: Some(node.features.iter().map(ToString::to_string).collect()),
            })
        })
        .collect();
    sorted(accelerators)
}

fn locked(lock: &LockFile, model: &str) -> Vec<Accelerator> {
    let accelerators = lock.needed(model).into_iter().filter(|package| NAMES.contains(&&*package.name));
    let accelerators = accelerators.map(|package| Accelerator {
        name: package.name.clone(),
        version: package.version.clone(),
        features: None,
    });
    sorted(accelerators.collect())
}

fn sorted(mut accelerators: Vec<Accelerator>) -> Vec<Accelerator> {
    accelerators.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    accelerators
}
