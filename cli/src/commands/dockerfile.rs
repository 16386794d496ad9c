//! `cog dockerfile`: the text of the Dockerfile that `cog build` would use, on the standard output.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::context::trust::Certificates;
use crate::plan::{Mirror, Options, Plan};
use crate::project::Project;

/// What `cog dockerfile` was asked.
#[derive(Debug)]
pub struct Settings {
    /// Where to look for the project.
    pub directory: PathBuf,
    /// Authorities that the build steps trust.
    pub certificates: Option<Certificates>,
    /// Where base images are taken from in place of Docker Hub.
    pub mirror: Option<Mirror>,
}

/// Prints the Dockerfile.
///
/// # Errors
/// Whatever keeps the project from being planned.
pub fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let project = Project::load(&settings.directory)?;
    let options =
        Options { certificates: settings.certificates, mirror: settings.mirror, ..Options::default() };
    let plan = Plan::new(&project, &options)?;
    io::stdout().write_all(crate::dockerfile::render(&plan)?.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
