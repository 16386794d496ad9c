//! The shared libraries of a binary, found by reading it rather than by running it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lddtree::DependencyAnalyzer;

use super::{Error, Result};
use crate::compile::Target;

/// What the C library of old opens by name when host names are looked up; newer ones have it built in.
const LOOKUP: [&str; 3] = ["libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"];

/// Files of this machine by their place in an image, relative to its root.
pub(super) type Files = BTreeMap<String, PathBuf>;

/// The libraries that `binary` and they themselves link, and the program that loads them. A static binary has none.
/// Of a binary for another machine, both are looked for where `target` has them.
pub(super) fn of(binary: &Path, target: Option<&Target>) -> Result<Files> {
    let unclear = |reason: &dyn std::fmt::Display| Error::Binary {
        binary: binary.to_owned(),
        reason: reason.to_string(),
    };
    // Where Cargo puts the libraries that build scripts bring along.
    let beside = binary.parent().into_iter().flat_map(|beside| [beside.to_owned(), beside.join("deps")]);
    let beside = beside.chain(target.map(|target| target.libraries.clone())).collect();
    let tree = DependencyAnalyzer::default().library_paths(beside);
    let tree = tree.analyze(binary).map_err(|error| unclear(&error))?;
    let Some(loader) = tree.interpreter else { return Ok(Files::new()) };

    let mut missing: Vec<String> = tree
        .libraries
        .values()
        .filter(|library| !library.found())
        .map(|library| library.name.clone())
        .collect();
    if !missing.is_empty() {
        missing.sort();
        return Err(Error::Missing(missing));
    }
    let found = |library: &lddtree::Library| library.realpath.clone().unwrap_or_else(|| library.path.clone());
    let libc = tree.libraries.values().find(|library| is_libc(&library.name));
    let libc = libc.ok_or_else(|| unclear(&"it has a loader, but no C library"))?;
    // The directory of the C library is one that the loader searches without being told, wherever else libraries lay.
    // By its real name: where /lib is a link, not every loader searches that.
    let libc = found(libc);
    let here = libc.parent().unwrap_or(Path::new("/lib"));
    let shelf = if target.is_some() { Path::new("/lib") } else { here };
    let place = |path: &Path| path.to_string_lossy().trim_start_matches('/').to_owned();
    let mut files = Files::new();
    for library in tree.libraries.values() {
        let name = Path::new(&library.name).file_name().unwrap_or(library.name.as_ref());
        // One that is linked by its path is looked for there and nowhere else.
        let at = if library.name.starts_with('/') { PathBuf::from(&library.name) } else { shelf.join(name) };
        if Path::new(&loader).file_name() != Some(name) {
            files.insert(place(&at), found(library));
        }
    }
    for name in LOOKUP {
        if let Ok(path) = std::fs::canonicalize(here.join(name)) {
            files.insert(place(&shelf.join(name)), path);
        }
    }
    let program = match (target, Path::new(&loader).file_name()) {
        (Some(target), Some(name)) => target.libraries.join(name),
        _ => PathBuf::from(&loader),
    };
    let program = std::fs::canonicalize(program).map_err(|error| unclear(&error))?;
    files.insert(place(Path::new(&loader)), program);
    Ok(files)
}

/// glibc's, musl's, or musl's as Alpine calls it.
fn is_libc(name: &str) -> bool {
    name.starts_with("libc.so") || name.starts_with("libc.musl-")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn this_very_program_needs_a_loader_and_the_c_library() {
        let files = of(&std::env::current_exe().unwrap(), None).unwrap();
        assert!(files.keys().any(|place| place.contains("/ld-linux")), "{files:?}");
        assert!(files.keys().any(|place| place.ends_with("/libc.so.6")), "{files:?}");
        assert!(files.iter().all(|(place, path)| !place.starts_with('/') && path.is_file()), "{files:?}");
    }

    #[test]
    fn what_is_no_program_is_told() {
        let text = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&text, "#!/bin/sh\n").unwrap();
        assert!(matches!(of(text.path(), None), Err(Error::Binary { .. })));
    }
}
