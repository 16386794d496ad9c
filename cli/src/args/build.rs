//! `cog build`, as it is typed.

use clap::Args;

use super::{Building, Place};
use crate::build::{self, Destination};
use crate::commands::build::Settings;
use crate::plan::Platform;

/// `cog build`.
#[derive(Debug, Args)]
pub struct Build {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub building: Building,
    /// Name of the image [default: `image:` or `model:` of cog.yaml, else cog- and the directory's name]
    #[arg(short, long, value_name = "NAME")]
    pub tag: Option<String>,
    /// Where the image goes: into the engine (docker), its registry (registry), or a directory in OCI layout (oci:DIR)
    #[arg(short, long, value_name = "WHERE", default_value = "docker")]
    pub output: Destination,
    /// What the image runs on: linux/amd64 or linux/arm64
    #[arg(long, value_name = "PLATFORM", default_value = "linux/amd64")]
    pub platform: Platform,
    /// Print how the engine would build it, as JSON, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl Build {
    /// What the command wants to know.
    pub fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            progress: self.building.progress,
            output: self.output,
            dry_run: self.dry_run,
            build: build::Settings {
                platform: self.platform,
                ..self.building.settings(self.place, self.tag)?
            },
        })
    }
}
