//! `cog init`: a new project, and how to go on.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::init;

/// What to initialise.
#[derive(Debug)]
pub struct Settings {
    /// Directory of the project; made if it is not there.
    pub directory: PathBuf,
}

/// Writes the project and tells what was written.
///
/// # Errors
/// The directory cannot be written to.
pub fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let Settings { directory } = settings;
    let report = init::run(&directory)?;
    let absolute = directory.canonicalize()?;
    let image = init::package_name(&absolute.file_name().unwrap_or_default().to_string_lossy());
    let mut told = anstream::stderr().lock();
    write!(told, "{report}")?;
    if report.skipped.contains(&"Cargo.toml") && report.created.contains(&"vendor/cog") {
        writeln!(told, "\nAdd the library to your Cargo.toml: cog = {{ path = \"vendor/cog/runtime\" }}")?;
    }
    writeln!(told, "\nNext:")?;
    if std::env::current_dir().is_ok_and(|here| here.canonicalize().is_ok_and(|here| here != absolute)) {
        writeln!(told, "  cd {}", directory.display())?;
    }
    writeln!(told, "  cog predict --local -i name=World")?;
    writeln!(told, "  cog build -t {image}")?;
    writeln!(told, "  cog predict {image} -i name=World")?;
    writeln!(told, "  cog serve --local")?;
    Ok(ExitCode::SUCCESS)
}
