//! A new project: a model that builds, a `cog.yaml` and a copy of the library; or a package that becomes one.
//!
//! Owns what a new project consists of. Keeps every file that is there, and prints nothing.

mod adopt;
mod lock;
mod name;
mod template;

#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use adopt::Manifest;
use flate2::read::GzDecoder;
use name::package_name;
pub use template::Template;

/// The library's sources, as `build.rs` packed them.
const SDK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sdk.tar.gz"));

/// Where the library's copy lies in a project.
const VENDORED: &str = "vendor/cog";
/// Where in it a model's manifest points to.
const SDK_MANIFEST: &str = "runtime";

/// What became of the directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files that were written, relative to the directory; the library's copy is one entry.
    pub created: Vec<&'static str>,
    /// Files that were there already.
    pub skipped: Vec<&'static str>,
    /// Manifests that were there and have more lines now.
    pub changed: Vec<PathBuf>,
    /// The package.
    pub package: String,
    /// What it began as; nothing where a package was there.
    pub template: Option<Template>,
}

/// Why there is no new project.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory has no place in the file system.
    #[error("cannot use `{directory}` as a project: {source}", directory = .directory.display())]
    Directory {
        /// As given.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write `{file}`: {source}", file = .file.display())]
    Write {
        /// Which.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A manifest cannot be understood.
    #[error("cannot read `{path}`: {reason}", path = .path.display())]
    Manifest {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A manifest is written in a way that allows no line to be added.
    #[error("cannot add to `{path}` without rewriting it", path = .path.display())]
    ByHand {
        /// Which.
        path: PathBuf,
        /// What it lacks.
        lines: String,
    },
    /// There is a workspace, but no package.
    #[error("`{manifest}` is no package's", manifest = .0.display())]
    NoPackage(PathBuf),
    /// A template is for where nothing is.
    #[error("there is a package in `{directory}` already, `--template` makes a new one", directory = .0.display())]
    Occupied(PathBuf),
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let kind = match self {
            Self::Directory { source, .. } | Self::Write { source, .. } => source.kind(),
            Self::Manifest { .. } => return None,
            Self::ByHand { lines, .. } => {
                return Some(format!("add these lines and run this again:\n{}", lines.trim_end()));
            }
            Self::NoPackage(_) => {
                return Some(
                    "run `cog init` in one of the workspace's packages, or in a new directory".to_owned(),
                );
            }
            Self::Occupied(_) => {
                return Some(
                    "leave it out to turn the package into a model, or use an empty directory".to_owned(),
                );
            }
        };
        match kind {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Some("run `cog init` in a directory you may write to".to_owned())
            }
            _ => None,
        }
    }
}

/// Writes what `directory` lacks for a project, and keeps what is there. A package that is there becomes a model; else a
/// new one begins as `template`.
///
/// Each file appears whole or not at all, and what makes the directory a project last: until then the next run goes on
/// where this one ended.
///
/// # Errors
/// The directory cannot be made or written to, or holds a manifest that is no package's or cannot be added to.
pub fn run(directory: &Path, template: Option<Template>) -> Result<Report, Error> {
    let unusable = |source| Error::Directory { directory: directory.to_owned(), source };
    fs::create_dir_all(directory).map_err(unusable)?;
    let absolute = directory.canonicalize().map_err(unusable)?;
    match (directory.join("Cargo.toml").exists(), template) {
        (true, None) => existing(&absolute),
        (true, Some(_)) => Err(Error::Occupied(directory.to_owned())),
        (false, template) => new(&absolute, template.unwrap_or_default()),
    }
}

fn new(directory: &Path, template: Template) -> Result<Report, Error> {
    let parts = template.parts();
    let name = package_name(&directory.file_name().unwrap_or_default().to_string_lossy());
    let name = if parts.depends_on(&name) { format!("{name}-model") } else { name };
    let mut report = Report { template: Some(template), package: name.clone(), ..Report::default() };
    put(directory, VENDORED, &mut report, unpack)?;
    for file in parts.files {
        put(directory, file.0, &mut report, |path| write(path, &parts.content(*file, &name)))?;
    }
    ignored(directory, template.has_weights(), &mut report)?;
    put(directory, "Cargo.lock", &mut report, |path| write(path, parts.lock_file(&name).as_bytes()))?;
    put(directory, "Cargo.toml", &mut report, |path| write(path, parts.manifest(&name).as_bytes()))?;
    Ok(report)
}

fn existing(directory: &Path) -> Result<Report, Error> {
    let mut manifest = Manifest::read(directory.join("Cargo.toml"))?;
    let package = manifest.package().map(str::to_owned);
    let package = package.ok_or_else(|| Error::NoPackage(directory.join("Cargo.toml")))?;
    let mut report = Report { package, ..Report::default() };
    let (root, changed) = adopt::place(directory, &mut manifest)?;
    report.changed.extend(changed);
    put(&root, VENDORED, &mut report, unpack)?;
    if manifest.depend(&root)? && !report.changed.contains(&directory.join("Cargo.toml")) {
        report.changed.push(directory.join("Cargo.toml"));
    }
    ignored(directory, false, &mut report)?;
    // Whoever has a configuration has a model.
    if !directory.join("cog.yaml").exists() {
        let model = include_bytes!("../../../templates/init/existing/model.rs");
        put(directory, "src/bin/model.rs", &mut report, |path| write(path, model))?;
    }
    let config = include_bytes!("../../../templates/init/existing/cog.yaml");
    put(directory, "cog.yaml", &mut report, |path| write(path, config))?;
    Ok(report)
}

/// What the engine and git need not see.
fn ignored(directory: &Path, weights: bool, report: &mut Report) -> Result<(), Error> {
    let docker = include_bytes!("../../../templates/init/dockerignore");
    put(directory, ".dockerignore", report, |path| write(path, docker))?;
    let mut git = include_str!("../../../templates/init/gitignore").to_owned();
    if weights {
        git.push_str("/weights/\n");
    }
    put(directory, ".gitignore", report, |path| write(path, git.as_bytes()))
}

/// Makes `file` with `make`, unless it is there.
fn put(
    directory: &Path,
    file: &'static str,
    report: &mut Report,
    make: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), Error> {
    let path = directory.join(file);
    // A link that leads nowhere is somebody's, too.
    if path.symlink_metadata().is_ok() {
        report.skipped.push(file);
        return Ok(());
    }
    let parent = path.parent().unwrap_or(directory);
    fs::create_dir_all(parent)
        .and_then(|()| make(&path))
        .map_err(|source| Error::Write { file: path, source })?;
    report.created.push(file);
    Ok(())
}

/// Writes a file that appears whole.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = beside(0o666).tempfile_in(path.parent().unwrap_or(path))?;
    file.write_all(content)?;
    file.persist_noclobber(path)?;
    Ok(())
}

/// Writes the library's copy, which appears whole.
fn unpack(path: &Path) -> io::Result<()> {
    let unpacked = beside(0o777).tempdir_in(path.parent().unwrap_or(path))?;
    tar::Archive::new(GzDecoder::new(SDK)).unpack(unpacked.path())?;
    fs::rename(unpacked.path(), path)
}

/// What is not whole yet has a name of its own, with the modes the author's umask leaves.
fn beside(mode: u32) -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;

    let mut builder = tempfile::Builder::new();
    builder.prefix(".cog-init-").permissions(fs::Permissions::from_mode(mode));
    builder
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for manifest in &self.changed {
            writeln!(f, "Changed {}", manifest.display())?;
        }
        for file in &self.created {
            let note = if *file == VENDORED { " (the `cog` library)" } else { "" };
            writeln!(f, "Created {file}{note}")?;
        }
        for file in &self.skipped {
            writeln!(f, "Skipped {file}: it is there already")?;
        }
        Ok(())
    }
}
