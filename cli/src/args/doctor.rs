//! `cog doctor`, as it is typed.

use clap::Args;

use super::Place;
use crate::commands::doctor::Settings;

/// `cog doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    pub place: Place,
    /// Mend what can be mended without asking
    #[arg(long)]
    pub fix: bool,
    /// Print the findings as JSON
    #[arg(long)]
    pub json: bool,
}

impl Doctor {
    /// What the command wants to know.
    pub fn settings(self) -> Settings {
        Settings { directory: self.place.directory, fix: self.fix, json: self.json }
    }
}
