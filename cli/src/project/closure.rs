//! The local packages a model is compiled from, and the directory that contains them all.
//!
//! Found by asking Cargo for manifests only: no registry is asked, nothing is downloaded.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, Package};

use super::{ProjectError, metadata};

/// Local packages, laid out so that relative paths between them still hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closure {
    /// Nearest directory that contains every path below; root of the build context.
    pub root: PathBuf,
    /// The packages that are compiled, by directory.
    pub members: Vec<Member>,
    /// Files that Cargo reads besides: the lock file, workspace roots, Cargo's configuration, and the manifests of
    /// packages that are not compiled but have a place in the workspace.
    pub files: Vec<PathBuf>,
    /// Sources of those last packages. Cargo wants them to exist; empty ones will do.
    pub stubs: Vec<PathBuf>,
    /// Directories that Cargo's configuration puts in the place of registries.
    pub vendored: Vec<PathBuf>,
}

/// One local package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Name in its manifest.
    pub name: String,
    /// Its directory, absolute.
    pub directory: PathBuf,
}

/// Local packages by directory, asked for once per workspace.
pub(super) struct Packages {
    known: BTreeMap<PathBuf, Package>,
    roots: BTreeSet<PathBuf>,
}

impl Packages {
    /// Those of the workspace that was asked about.
    pub(super) fn of(workspace: &Metadata) -> Self {
        let mut packages = Self { known: BTreeMap::new(), roots: BTreeSet::new() };
        packages.add(workspace);
        packages
    }

    fn add(&mut self, workspace: &Metadata) {
        self.roots.insert(workspace.workspace_root.clone().into_std_path_buf());
        for package in &workspace.packages {
            self.known.insert(metadata::directory_of(package), package.clone());
        }
    }

    fn at(&mut self, directory: &Path) -> Result<&Package, ProjectError> {
        if !self.known.contains_key(directory) {
            self.add(&metadata::manifests(&directory.join("Cargo.toml"))?);
        }
        self.known.get(directory).ok_or_else(|| ProjectError::NoManifest(directory.to_owned()))
    }
}

/// The closure of the package at `package`, for a project in `project` whose workspace is `workspace`, which has
/// `packages`.
pub(super) fn of(
    mut packages: Packages,
    package: &Path,
    project: &Path,
    workspace: &Path,
) -> Result<Closure, ProjectError> {
    let of_the_workspace: Vec<PathBuf> = packages.known.keys().cloned().collect();
    let mut compiled = BTreeMap::new();
    // A patch is compiled in place of a published package, and nothing but a resolution says whether.
    let mut pending = patches(workspace);
    pending.push(package.to_owned());
    while let Some(directory) = pending.pop() {
        if let Entry::Vacant(place) = compiled.entry(directory) {
            let package = packages.at(place.key())?;
            pending.extend(local_dependencies(package));
            place.insert(package.name.to_string());
        }
    }
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    let mut stubs: BTreeSet<PathBuf> = BTreeSet::new();
    let mut beside = BTreeSet::new();
    pending = of_the_workspace;
    while let Some(directory) = pending.pop() {
        if !compiled.contains_key(&directory) && beside.insert(directory.clone()) {
            let package = packages.at(&directory)?;
            pending.extend(local_dependencies(package));
            files.insert(package.manifest_path.clone().into_std_path_buf());
            stubs.extend(package.targets.iter().map(|target| target.src_path.clone().into_std_path_buf()));
        }
    }
    for root in packages.roots.iter().map(PathBuf::as_path).chain([workspace]) {
        files.insert(root.join("Cargo.toml"));
    }
    files.insert(workspace.join("Cargo.lock"));
    let ends = compiled.keys().chain(&files).map(PathBuf::as_path).chain([project, workspace]);
    let root = common_ancestor(ends).unwrap_or_else(|| project.to_owned());
    let above = project.ancestors().chain(workspace.ancestors());
    for directory in above.filter(|directory| directory.starts_with(&root)) {
        let names = [".cargo/config.toml", ".cargo/config", "rust-toolchain.toml", "rust-toolchain"];
        files.extend(names.iter().map(|name| directory.join(name)).filter(|file| file.is_file()));
    }
    // One elsewhere is the machine's, as the registry that it stands for would be.
    let vendored: BTreeSet<PathBuf> =
        files.iter().flat_map(|file| vendored(file)).filter(|place| place.starts_with(&root)).collect();
    let members = compiled.into_iter().map(|(directory, name)| Member { name, directory }).collect();
    Ok(Closure {
        root,
        members,
        files: files.into_iter().collect(),
        stubs: stubs.into_iter().collect(),
        vendored: vendored.into_iter().collect(),
    })
}

/// Directories of the local packages that a package names, for any kind of use: Cargo reads the manifests even of
/// those that only its tests need.
fn local_dependencies(package: &Package) -> Vec<PathBuf> {
    let paths = package.dependencies.iter().filter_map(|dependency| dependency.path.as_ref());
    paths.map(|path| real(path.as_std_path())).collect()
}

/// Local packages that the workspace's manifest puts in the place of published ones.
fn patches(workspace: &Path) -> Vec<PathBuf> {
    let Ok(text) = std::fs::read_to_string(workspace.join("Cargo.toml")) else { return Vec::new() };
    let Ok(manifest) = text.parse::<toml::Table>() else { return Vec::new() };
    let sources =
        manifest.get("patch").and_then(toml::Value::as_table).into_iter().flat_map(|table| table.values());
    let entries = sources.filter_map(toml::Value::as_table).flat_map(|table| table.values());
    let paths = entries.filter_map(|entry| entry.get("path").and_then(toml::Value::as_str));
    paths.map(|path| real(&workspace.join(path))).collect()
}

/// Directories that `file`, if it is Cargo's configuration, puts in the place of registries and repositories.
fn vendored(file: &Path) -> Vec<PathBuf> {
    let Some(base) = file.parent().filter(|parent| parent.ends_with(".cargo")).and_then(Path::parent) else {
        return Vec::new();
    };
    let table = std::fs::read_to_string(file).ok().and_then(|text| text.parse::<toml::Table>().ok());
    let sources = table.as_ref().and_then(|table| table.get("source")).and_then(toml::Value::as_table);
    let sources = sources.into_iter().flat_map(|sources| sources.values());
    let places =
        sources.filter_map(|source| source.get("directory").or_else(|| source.get("local-registry")));
    let places = places.filter_map(toml::Value::as_str).map(|place| base.join(place));
    places.filter(|place| place.is_dir()).map(|place| real(&place)).collect()
}

/// The path as Cargo reports it: without `..`, links followed.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Nearest directory that contains all of `paths`; a file's own path is its directory's.
fn common_ancestor<'a>(mut paths: impl Iterator<Item = &'a Path>) -> Option<PathBuf> {
    let first = paths.next()?.to_owned();
    let ancestor = paths.fold(first, |ancestor, path| {
        let shared = ancestor.ancestors().find(|candidate| path.starts_with(candidate));
        shared.unwrap_or(Path::new("/")).to_owned()
    });
    Some(ancestor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ancestor_contains_every_path() {
        let ancestor = |paths: &[&str]| common_ancestor(paths.iter().map(Path::new)).unwrap_or_default();
        assert_eq!(ancestor(&["/a/b", "/a/b/c"]), Path::new("/a/b"));
        assert_eq!(ancestor(&["/a/b", "/a/bc"]), Path::new("/a"));
        assert_eq!(ancestor(&["/a/b/c", "/a/d", "/a/b"]), Path::new("/a"));
        assert_eq!(ancestor(&["/a", "/b"]), Path::new("/"));
    }
}
