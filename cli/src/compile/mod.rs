//! From a project to its binary, by this machine's cargo.
//!
//! Owns where it is compiled and by what. Refuses to know what becomes of the binary: an image, or a process here.

mod bench;
mod cargo;
mod compiler;
mod error;
mod seed;
mod target;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use crate::project::Project;

pub use bench::Bench;
pub use error::{Error, Result};
pub use target::Target;

/// What there is to say of [`Bench::of`] and [`here`] when they wait.
pub const WAITING: &str = "Waiting for another build of this model to end";

/// How to compile.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// Compile everything anew that is compiled on a bench.
    pub anew: bool,
    /// Compile what the lock file says or nothing; it is brought up to date otherwise.
    pub locked: bool,
    /// Let Cargo speak of faults only.
    pub quiet: bool,
}

/// A binary for this machine. Nobody compiles over it while this lives, unless Cargo was told where to compile.
#[derive(Debug)]
pub struct Binary {
    /// Where it is.
    pub path: PathBuf,
    _bench: Option<Bench>,
}

/// Compiles the model of `project` for use on this machine: on the bench where its image is compiled, so that nothing is
/// compiled twice, or in the target directory that Cargo was told of. `waiting` hears of it when another build has the
/// bench. Cargo's own words go to the standard error stream; dropping the future ends it.
///
/// # Errors
/// There is no cargo, no place to compile in, or the model does not compile.
pub async fn here(project: &Project, manner: Manner, waiting: impl FnOnce()) -> Result<Binary> {
    if project.has_own_target_directory || !cfg!(target_os = "linux") {
        let path = cargo::build(project, &project.package_directory, &manner.arguments(), None).await?.binary;
        return Ok(Binary { path, _bench: None });
    }
    let bench = Bench::of(project, manner, waiting).await?;
    let path = bench.compile(project, manner, None).await?;
    Ok(Binary { path, _bench: Some(bench) })
}

impl Manner {
    fn arguments(self) -> Vec<OsString> {
        let locked = self.locked.then(|| "--locked".into());
        locked.into_iter().chain(self.quiet.then(|| "--quiet".into())).collect()
    }
}

/// What was done to a file, which need not have been there.
fn absent(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
