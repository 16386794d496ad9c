//! Compiling so that the same source gives the same binary, wherever it lies.
//!
//! Paths get into a binary: those of sources in messages, those of packages in the names of symbols. So Cargo is told
//! of one path for all clones of a project, a link in the cache, which stands for the one being built. What it compiles
//! is kept for each clone apart, for Cargo would take an older file of another clone for one it has compiled.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Result;
use crate::project::Project;
use crate::{cache, local};

/// How to compile.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// Compile everything anew.
    pub anew: bool,
    /// Let Cargo speak of faults only.
    pub quiet: bool,
}

/// Compiles the model of `project`.
pub(super) async fn compile(project: &Project, manner: Manner) -> Result<PathBuf> {
    let root = &project.closure.root;
    let package = project.package_directory.strip_prefix(root).unwrap_or(Path::new(""));
    let bench = Bench::take(&project.cargo.package, root, package, manner.anew).await?;
    let mut arguments: Vec<OsString> =
        vec!["--locked".into(), "--target-dir".into(), bench.target.clone().into()];
    arguments.extend(["--config".into(), remapped(&bench).into()]);
    arguments.extend(manner.quiet.then(|| "--quiet".into()));
    Ok(local::compile_at(project, &bench.source.join(package), &arguments).await?)
}

/// Paths of this machine are nobody's business who looks into the binary.
fn remapped(bench: &Bench) -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let paths =
        [(Some(&bench.source), "/build"), (Some(&bench.target), "/target"), (home.as_ref(), "/cargo")];
    let flags = paths.into_iter().filter_map(|(from, to)| Some((from?.to_str()?, to)));
    let flags =
        flags.map(|(from, to)| toml::Value::from(format!("--remap-path-prefix={from}={to}")).to_string());
    format!("build.rustflags=[{}]", flags.collect::<Vec<_>>().join(","))
}

/// One project's place in the workshop, for as long as this lives: another clone of it waits.
struct Bench {
    /// The link that stands for the sources.
    source: PathBuf,
    /// The link that stands for what is compiled of them.
    target: PathBuf,
    _lock: File,
}

impl Bench {
    async fn take(name: &str, root: &Path, package: &Path, anew: bool) -> Result<Self> {
        let directory = cache::room("host")?.join(format!("{name}-{}", short_hash(package)));
        let lock = open(&directory.join("lock"))
            .map_err(|source| cache::Error::Write { path: directory.clone(), source })?;
        let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock));
        let lock = lock.await.map_err(io::Error::other).and_then(|locked| locked);
        let bench = lock.and_then(|lock| {
            let compiled = directory.join(short_hash(root));
            if anew && compiled.exists() {
                fs::remove_dir_all(&compiled)?;
            }
            fs::create_dir_all(&compiled)?;
            let (source, target) = (directory.join("source"), directory.join("target"));
            point(&source, root)?;
            point(&target, &compiled)?;
            Ok(Self { source, target, _lock: lock })
        });
        Ok(bench.map_err(|source| cache::Error::Write { path: directory, source })?)
    }
}

fn open(path: &Path) -> io::Result<File> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    File::options().create(true).truncate(false).write(true).open(path)
}

/// Makes `link` one to `place`.
fn point(link: &Path, place: &Path) -> io::Result<()> {
    if fs::read_link(link).is_ok_and(|known| known == place) {
        return Ok(());
    }
    match fs::remove_file(link) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::os::unix::fs::symlink(place, link)
}

fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
