//! `cog weights`, as it is typed.

use clap::{Args, Subcommand};

use super::Place;
use crate::commands::weights::{import, prune, pull, status};

/// `cog weights`.
#[derive(Debug, Args)]
pub struct Weights {
    /// What to do with them.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with weights.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Read weights from their sources, note them in weights.lock, and send them to the model's repository
    Import(Import),
    /// Bring weights that weights.lock names from the registry to this machine
    Pull(Pull),
    /// Tell of each weight whether it is in the registry
    Status(Status),
    /// Remove from this machine's store what no weights.lock names any more
    Prune(Prune),
}

/// `cog weights import`.
#[derive(Debug, Args)]
pub struct Import {
    /// Weights to import [default: all of cog.yaml]
    pub names: Vec<String>,
    #[command(flatten)]
    pub place: Place,
    /// Tell what would be imported, and keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// List every file
    #[arg(short, long)]
    pub verbose: bool,
}

/// `cog weights pull`.
#[derive(Debug, Args)]
pub struct Pull {
    /// Weights to pull [default: all of cog.yaml]
    pub names: Vec<String>,
    #[command(flatten)]
    pub place: Place,
}

/// `cog weights status`.
#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    pub place: Place,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// `cog weights prune`.
#[derive(Debug, Args)]
pub struct Prune {
    /// Remove everything: `cog weights pull` brings back what is needed
    #[arg(long)]
    pub all: bool,
    /// Tell what would be freed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl Import {
    /// What the command wants to know.
    pub fn settings(self) -> import::Settings {
        import::Settings {
            directory: self.place.directory,
            names: self.names,
            dry_run: self.dry_run,
            verbose: self.verbose,
        }
    }
}

impl Pull {
    /// What the command wants to know.
    pub fn settings(self) -> pull::Settings {
        pull::Settings { directory: self.place.directory, names: self.names }
    }
}

impl Status {
    /// What the command wants to know.
    pub fn settings(self) -> status::Settings {
        status::Settings { directory: self.place.directory, json: self.json }
    }
}

impl Prune {
    /// What the command wants to know.
    pub fn settings(self) -> prune::Settings {
        prune::Settings { all: self.all, dry_run: self.dry_run }
    }
}
