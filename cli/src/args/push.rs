//! `cog push`, as it is typed.

use clap::Args;

use super::{Building, Place};
use crate::build::{self, Gate};
use crate::commands::push::Settings;
use crate::plan::Platform;

/// `cog push`.
#[derive(Debug, Args)]
pub struct Push {
    /// Name to push to [default: `image:` of cog.yaml; none for a model]
    pub reference: Option<String>,
    /// Do not push what breaks callers of the image that has the name now; without this, it is told
    #[arg(long)]
    pub check_schema: bool,
    /// What the image runs on: linux/amd64 or linux/arm64
    #[arg(long, value_name = "PLATFORM", default_value = "linux/amd64")]
    pub platform: Platform,
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
            build: build::Settings { platform: self.platform, ..self.building.settings(self.place, None)? },
        })
    }
}
