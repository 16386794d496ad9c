//! What a bench begins with: dependencies that others have compiled already.
//!
//! Benches share nothing, so that models are compiled beside each other, and none with another's sources. But what Cargo
//! makes of a registry's packages does not depend on who asks for it, so a bench that is new takes copies of it. Cargo
//! looks at each as at its own, and compiles what is not as it has to be.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use super::absent;
use super::cargo::{FINGERPRINTS, Unit};
use crate::project::{LockedPackage, Project};

/// Where a bench keeps what its binary is made of.
pub(super) const NOTE: &str = "made-of.json";

/// What a binary is made of.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    profile: String,
    units: BTreeSet<Unit>,
}

/// Notes what a binary is made of, and by which `profile`, for benches to come.
///
/// # Errors
/// The note cannot be written.
pub(super) fn note(bench: &Path, profile: String, units: BTreeSet<Unit>) -> io::Result<()> {
    fs::write(bench.join(NOTE), serde_json::to_vec(&Note { profile, units })?)
}

/// When a bench was last compiled on; nothing where it never was.
pub(super) fn noted(bench: &Path) -> Option<SystemTime> {
    fs::metadata(bench.join(NOTE)).and_then(|note| note.modified()).ok()
}

/// Lays out, in `target`, what another bench in `room` has compiled of what `project` needs. One that compiles meanwhile,
/// or is cleared away, does no harm.
///
/// # Errors
/// A file cannot be read or written. Cargo can make use of what is there already.
pub(super) fn lay_out(room: &Path, target: &Path, project: &Project) -> io::Result<()> {
    let profile = profile(project);
    let wanted: HashSet<String> = project.lock.packages.iter().filter_map(LockedPackage::id).collect();
    let benches = fs::read_dir(room)?.flatten();
    let others = benches.filter_map(|bench| Other::of(&bench.path(), &profile, &wanted));
    // From one alone: Cargo compiles anew what is older than what it depends on.
    let best = others.max_by_key(|other| (other.same_profile, other.units.len(), other.noted));
    best.map_or(Ok(()), |best| best.copy(target))
}

/// What of a project has its dependencies compiled in another way than other projects.
pub(super) fn profile(project: &Project) -> String {
    let manifest = fs::read_to_string(project.workspace_root.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = manifest.parse().unwrap_or_default();
    let own = manifest.get("profile").map(ToString::to_string).unwrap_or_default();
    let variables = std::env::vars_os()
        .filter(|(name, _)| name.as_encoded_bytes().starts_with(b"CARGO_PROFILE_RELEASE_"));
    let variables: BTreeMap<OsString, OsString> = variables.collect();
    format!("{own} {variables:?}")
}

/// Another bench, and what it has to give.
struct Other {
    target: PathBuf,
    same_profile: bool,
    units: Vec<Unit>,
    noted: SystemTime,
}

impl Other {
    /// What `bench` has of the packages that are `wanted`; nothing where there is nothing, or where it is no bench.
    fn of(bench: &Path, profile: &str, wanted: &HashSet<String>) -> Option<Self> {
        let note: Note = serde_json::from_slice(&fs::read(bench.join(NOTE)).ok()?).ok()?;
        let noted = noted(bench)?;
        let units: Vec<Unit> = note.units.into_iter().filter(|unit| wanted.contains(&unit.package)).collect();
        let target = bench.join("target");
        let has_some = !units.is_empty() && target.join(FINGERPRINTS).is_dir();
        has_some.then_some(Self { target, same_profile: note.profile == profile, units, noted })
    }

    fn copy(&self, target: &Path) -> io::Result<()> {
        let mut libraries: BTreeMap<String, Vec<OsString>> = BTreeMap::new();
        for entry in fs::read_dir(self.target.join("release/deps"))? {
            let name = entry?.file_name();
            let stem = name.to_str().and_then(|name| name.split('.').next());
            if let Some((_, hash)) = stem.and_then(|stem| stem.rsplit_once('-')) {
                libraries.entry(hash.to_owned()).or_default().push(name);
            }
        }
        for unit in &self.units {
            let Some(name) = unit.name() else { continue };
            let directory = format!("{name}-{}", unit.hash);
            let made = Path::new("release/build").join(&directory);
            if self.leads_back(&made) {
                continue;
            }
            // Last, and only if it is still what it was: without it, Cargo does not look at the rest.
            let fingerprint = Path::new(FINGERPRINTS).join(&directory);
            let before = contents(&self.target.join(&fingerprint));
            for library in libraries.get(&unit.hash).into_iter().flatten() {
                let library = Path::new("release/deps").join(library);
                copy(&self.target.join(&library), &target.join(&library))?;
            }
            copy(&self.target.join(&made), &target.join(&made))?;
            if contents(&self.target.join(&fingerprint)) == before {
                copy(&self.target.join(&fingerprint), &target.join(&fingerprint))?;
            }
        }
        Ok(())
    }

    /// Whether what a build script said of what it `made` names other places of its bench than that one, as that of a C
    /// library which it found there. Cargo replaces that one alone, and the bench may go.
    fn leads_back(&self, made: &Path) -> bool {
        let own = self.target.join(made);
        let said = fs::read(own.join("output")).unwrap_or_default();
        let said = String::from_utf8_lossy(&said).replace(&*own.to_string_lossy(), "");
        said.contains(&*self.target.to_string_lossy())
    }
}

impl Unit {
    /// The package's name.
    fn name(&self) -> Option<&str> {
        Some(self.package.rsplit_once('#')?.1.split_once('@')?.0)
    }
}

/// The files of a directory; none where it cannot be read.
fn contents(directory: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.file_name(), fs::read(entry.path()).ok()?))).collect()
}

/// Copies a file or directory, with the times that Cargo compares. What is not there, or no longer, is left out.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    absent(copy_present(from, to))
}

fn copy_present(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(from)?;
    if metadata.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            copy(&from.join(&name), &to.join(&name))?;
        }
    } else if metadata.is_file() {
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        fs::copy(from, to)?;
        fs::File::options().append(true).open(to)?.set_modified(metadata.modified()?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_copy_has_its_times_and_leans_on_nothing_of_the_bench_it_is_from() {
        let place = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| place.path().join(name));
        let write = |path: &str, text: &str| {
            let path = from.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            let file = fs::File::options().append(true).open(&path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(7)).unwrap();
        };
        let search = |package: &str| {
            format!("cargo:rustc-link-search={}/release/build/{package}/out\n", from.display())
        };
        write("release/deps/libz_sys-1a.rlib", "");
        write("release/deps/libother-9f.rlib", "");
        write("release/.fingerprint/z-sys-1a/lib", "");
        for (package, said) in [("z-sys-2b", search("z-sys-2b")), ("ssh-sys-3c", search("z-sys-2b"))] {
            write(&format!("release/.fingerprint/{package}/run"), "");
            write(&format!("release/build/{package}/output"), &said);
        }
        let unit =
            |name: &str, hash: &str| Unit { package: format!("registry+x#{name}@1.0.0"), hash: hash.into() };
        let units = vec![unit("z-sys", "1a"), unit("z-sys", "2b"), unit("ssh-sys", "3c"), unit("gone", "4d")];
        let other = Other { target: from.clone(), same_profile: true, units, noted: SystemTime::now() };
        other.copy(&to).unwrap();
        let paths = [
            "release/deps/libz_sys-1a.rlib",
            "release/.fingerprint/z-sys-1a/lib",
            "release/.fingerprint/z-sys-2b/run",
            "release/build/z-sys-2b/output",
            "release/deps/libother-9f.rlib",
            "release/.fingerprint/ssh-sys-3c/run",
            "release/build/ssh-sys-3c/output",
        ];
        assert_eq!(paths.map(|path| to.join(path).exists()), [true, true, true, true, false, false, false]);
        let times =
            |path: &str| [&from, &to].map(|place| place.join(path).metadata().unwrap().modified().unwrap());
        let [original, copied] = times(paths[0]);
        assert_eq!(original, copied);
    }
}
