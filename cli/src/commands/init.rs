//! `cog init`: a new project, and how to go on.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::init::{self, Template};

/// What to initialise.
#[derive(Debug)]
pub struct Settings {
    /// Directory of the project; made if it is not there.
    pub directory: PathBuf,
    /// `--template`.
    pub template: Option<Template>,
}

/// Writes the project and tells what was written.
///
/// # Errors
/// The directory cannot be written to, or holds what no project can be made of.
pub fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let Settings { directory, template } = settings;
    let report = init::run(&directory, template)?;
    let absolute = directory.canonicalize()?;
    let mut told = anstream::stderr().lock();
    write!(told, "{report}")?;
    writeln!(told, "\nNext:")?;
    if std::env::current_dir().is_ok_and(|here| here.canonicalize().is_ok_and(|here| here != absolute)) {
        writeln!(told, "  cd {}", directory.display())?;
    }
    let image = &report.package;
    match report.template {
        Some(template) => {
            let inputs = template.inputs();
            if template.has_weights() {
                writeln!(told, "  sh fetch-weights")?;
            }
            if template.runs_here() {
                writeln!(told, "  cog predict --local {inputs}")?;
            }
            writeln!(told, "  cog build -t {image}")?;
            writeln!(told, "  cog predict {image} {inputs}")?;
            writeln!(told, "  {}", if template.runs_here() { "cog serve --local" } else { "cog serve" })?;
        }
        None if report.created.contains(&"src/bin/model.rs") => {
            writeln!(told, "  $EDITOR src/bin/model.rs   # call your own code there")?;
            writeln!(told, "  cog predict --local -i text=hello")?;
            writeln!(told, "  cog build -t {image}")?;
        }
        None => {
            writeln!(told, "  cog predict --local")?;
            writeln!(told, "  cog build -t {image}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
