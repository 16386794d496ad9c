//! `cog dockerfile`, as it is typed.

use clap::Args;

use super::Place;
use crate::commands::dockerfile::Settings;
use crate::context::trust::Certificates;
use crate::plan::Mirror;

/// `cog dockerfile`.
#[derive(Debug, Args)]
pub struct Dockerfile {
    #[command(flatten)]
    pub place: Place,
}

impl Dockerfile {
    /// What the command wants to know.
    pub fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            directory: self.place.directory,
            certificates: Certificates::from_environment()?,
            mirror: Mirror::from_environment()?,
        })
    }
}
