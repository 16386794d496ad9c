//! `cog inspect`, as it is typed.

use clap::Args;

use crate::commands::inspect::Settings;
use crate::context::trust::Certificates;

/// `cog inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// Name of an image, which the engine or its registry has, or oci:DIR for a directory in OCI layout
    #[arg(value_name = "IMAGE|oci:DIR")]
    pub image: String,
    /// Ask the registry, whatever the engine has
    #[arg(long)]
    pub remote: bool,
    /// Print all of it, as JSON
    #[arg(long)]
    pub json: bool,
}

impl Inspect {
    /// What the command wants to know.
    pub fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            image: self.image,
            remote: self.remote,
            json: self.json,
            certificates: Certificates::from_environment()?,
        })
    }
}
