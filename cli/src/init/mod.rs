//! A new project: a model that builds, a `cog.yaml` and a copy of the library.
//!
//! Owns what a new project consists of. Keeps every file that is there, and prints nothing.

mod lock;
mod name;

#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use flate2::read::GzDecoder;
pub use name::package_name;

/// The library's sources, as `build.rs` packed them.
const SDK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sdk.tar.gz"));

/// Where the library's copy lies in a project.
const VENDORED: &str = "vendor/cog";

/// What became of the directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files that were written, relative to the directory; the library's copy is one entry.
    pub created: Vec<&'static str>,
    /// Files that were there already.
    pub skipped: Vec<&'static str>,
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
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let kind = match self {
            Self::Directory { source, .. } | Self::Write { source, .. } => source.kind(),
        };
        match kind {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Some("run `cog init` in a directory you may write to".to_owned())
            }
            _ => None,
        }
    }
}

/// Writes what `directory` lacks for a project, and keeps what is there.
///
/// Each file appears whole or not at all, and the manifest last: until then the directory is no project, and the next
/// run goes on where this one ended.
///
/// # Errors
/// The directory cannot be made or written to.
pub fn run(directory: &Path) -> Result<Report, Error> {
    let unusable = |source| Error::Directory { directory: directory.to_owned(), source };
    fs::create_dir_all(directory).map_err(unusable)?;
    let absolute = directory.canonicalize().map_err(unusable)?;
    let name = package_name(&absolute.file_name().unwrap_or_default().to_string_lossy());

    let mut report = Report::default();
    put(directory, VENDORED, &mut report, unpack)?;
    let text =
        |file, content: &str, report: &mut Report| put(directory, file, report, |path| write(path, content));
    text("src/main.rs", include_str!("../../../templates/init/main.rs"), &mut report)?;
    text("cog.yaml", include_str!("../../../templates/init/cog.yaml"), &mut report)?;
    text(".dockerignore", include_str!("../../../templates/init/dockerignore"), &mut report)?;
    text(".gitignore", include_str!("../../../templates/init/gitignore"), &mut report)?;
    // Another manifest's lock file would be wrong in every line.
    if !directory.join("Cargo.toml").exists() {
        text("Cargo.lock", &lock::lock_file(&name), &mut report)?;
    }
    let manifest = include_str!("../../../templates/init/Cargo.toml").replace("{name}", &name);
    text("Cargo.toml", &manifest, &mut report)?;
    Ok(report)
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
fn write(path: &Path, content: &str) -> io::Result<()> {
    let mut file = beside(0o666).tempfile_in(path.parent().unwrap_or(path))?;
    file.write_all(content.as_bytes())?;
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
