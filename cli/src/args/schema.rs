//! `cog schema`, as it is typed.

use clap::Args;

use super::Place;
use crate::commands::schema::Settings;

/// `cog schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Image to ask [default: the project, compiled on this machine]
    pub image: Option<String>,
    #[command(flatten)]
    pub place: Place,
    /// Compile on this machine; what happens without an image anyway
    #[arg(long, conflicts_with = "image")]
    pub local: bool,
}

impl Schema {
    /// What the command wants to know.
    pub fn settings(self) -> Settings {
        Settings { image: self.image, directory: self.place.directory }
    }
}
