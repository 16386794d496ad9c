//! `Cargo.lock` as a value.

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;

use super::ProjectError;

/// The packages a build is locked to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct LockFile {
    /// Every locked package, in the file's order.
    #[serde(default, rename = "package")]
    pub packages: Vec<LockedPackage>,
}

/// One locked package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LockedPackage {
    /// Name.
    pub name: String,
    /// Version, as semantic versioning has it.
    pub version: String,
    /// Registry or repository it comes from; none for local packages.
    pub source: Option<String>,
    /// SHA-256 of the package's archive, as hexadecimal digits, where it comes from a registry.
    pub checksum: Option<String>,
    /// What it depends on: a name, with its version where there are several, and its source where that is not clear.
    #[serde(default)]
    pub dependencies: Vec<String>,
}

impl LockedPackage {
    /// What Cargo calls it, where it comes from a registry.
    pub fn id(&self) -> Option<String> {
        let source = self.source.as_ref().filter(|source| source.starts_with("registry+"))?;
        Some(format!("{source}#{}@{}", self.name, self.version))
    }
}

impl LockFile {
    /// Reads the lock file at `path`.
    ///
    /// # Errors
    /// The file cannot be read or is not a lock file.
    pub fn read(path: &Path) -> Result<Self, ProjectError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ProjectError::Read { path: path.to_owned(), source })?;
        toml::from_str(&text).map_err(|source| ProjectError::Lock { path: path.to_owned(), source })
    }

    /// The local package called `model` and all that it needs, be it for tests or for other systems.
    pub fn needed(&self, model: &str) -> Vec<&LockedPackage> {
        let (mut needed, mut known) = (Vec::new(), HashSet::new());
        let mut next: Vec<&LockedPackage> = self
            .packages
            .iter()
            .filter(|package| package.name == model && package.source.is_none())
            .collect();
        while let Some(package) = next.pop() {
            if known.insert((&package.name, &package.version, &package.source)) {
                needed.push(package);
                next.extend(package.dependencies.iter().filter_map(|name| self.find(name)));
            }
        }
        needed
    }

    /// The package that `NAME`, `NAME VERSION` or `NAME VERSION (SOURCE)` stands for.
    pub fn find(&self, dependency: &str) -> Option<&LockedPackage> {
        let mut words = dependency.split(' ');
        let (name, version) = (words.next()?, words.next());
        let source = words.next().map(|source| source.trim_matches(['(', ')']));
        self.packages.iter().find(|package| {
            package.name == name
                && version.is_none_or(|version| package.version == version)
                && source.is_none_or(|source| package.source.as_deref() == Some(source))
        })
    }
}
