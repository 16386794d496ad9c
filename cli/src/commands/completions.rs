//! `cog completions`: what shells and `man` read about this program, made from the very definition of its command line.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// What `cog completions` was asked.
#[derive(Debug)]
pub struct Settings {
    /// For whom.
    pub what: What,
    /// The command line.
    pub command: clap::Command,
}

/// For whom.
#[derive(Debug)]
pub enum What {
    /// A shell, on the standard output.
    Shell(clap_complete::Shell),
    /// `man`, as files in a directory.
    Manual(PathBuf),
}

/// Prints or writes it.
pub fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let Settings { what, mut command } = settings;
    match what {
        What::Shell(shell) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "cog", &mut script);
            io::stdout().write_all(&script)?;
        }
        What::Manual(directory) => {
            std::fs::create_dir_all(&directory)?;
            clap_mangen::generate_to(command, &directory)?;
            writeln!(io::stderr(), "Written to {}", directory.display())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
