//! `cog push`, as it is typed.

use clap::Args;

use super::{Building, Place};
use crate::build::Gate;
use crate::commands::push::Settings;

/// `cog push`.
#[derive(Debug, Args)]
pub struct Push {
    /// Name to push to [default: `image:` of cog.yaml]
    pub reference: Option<String>,
    /// Do not push what breaks callers of the image that has the name now; without this, it is told
    #[arg(long)]
    pub check_schema: bool,
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub building: Building,
}

impl Push {
    /// What the command wants to know.
    pub fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            reference: self.reference,
            gate: if self.check_schema { Gate::Refuse } else { Gate::Warn },
            progress: self.building.progress,
            build: self.building.settings(self.place, None)?,
        })
    }
}
