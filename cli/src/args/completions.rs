//! `cog completions`, as it is typed.

use clap::{Args, CommandFactory};

use super::Cli;
use crate::commands::completions::{Settings, What};

/// `cog completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell: bash, elvish, fish, powershell or zsh
    #[arg(required_unless_present = "man")]
    pub shell: Option<clap_complete::Shell>,
    /// Write the manual pages into this directory instead
    #[arg(long, value_name = "DIR", conflicts_with = "shell")]
    pub man: Option<std::path::PathBuf>,
}

impl Completions {
    /// What the command wants to know.
    pub fn settings(self) -> Settings {
        let what = match (self.man, self.shell) {
            (Some(directory), _) => What::Manual(directory),
            (None, Some(shell)) => What::Shell(shell),
            (None, None) => What::Shell(clap_complete::Shell::Bash),
        };
        Settings { what, command: Cli::command() }
    }
}
