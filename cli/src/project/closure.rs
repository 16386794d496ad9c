//! The local packages a model is compiled from, and the directory that contains them all.

use std::path::{Path, PathBuf};

/// Local packages, laid out so that relative paths between them still hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// Nearest directory that contains every member and the lock file; root of the build context.
    pub root: PathBuf,
    /// The packages, by directory.
    pub members: Vec<Member>,
    /// Manifests that Cargo reads without compiling what they describe (workspace roots, members that the model does
    /// not depend on), with the empty sources that stand in for their targets.
    pub manifests: Vec<PathBuf>,
    /// Paths of targets that `manifests` declare and that Cargo wants to exist.
    pub stubs: Vec<PathBuf>,
}

/// One local package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Name in its manifest.
    pub name: String,
    /// Its directory, absolute.
    pub directory: PathBuf,
}

/// Nearest directory that contains all of `paths`.
pub(super) fn common_ancestor<'a>(mut paths: impl Iterator<Item = &'a Path>) -> Option<PathBuf> {
    let first = paths.next()?.to_owned();
    Some(paths.fold(first, |ancestor, path| {
        ancestor
            .ancestors()
            .find(|candidate| path.starts_with(candidate))
            .unwrap_or(Path::new("/"))
            .to_owned()
    }))
}
