//! `cog schema`, as it is typed.

use clap::Args;

use super::Place;
use crate::commands::schema::{Settings, What};

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
    /// Print the JSON Schema of cog.yaml instead, for editors
    #[arg(long, conflicts_with_all = ["image", "local"])]
    pub config: bool,
}

impl Schema {
    /// What the command wants to know.
    pub fn settings(self) -> Settings {
        let what = match self.image {
            Some(image) => What::Image(image),
            None if self.config => What::Config,
            None => What::Project(self.place.directory),
        };
        Settings { what }
    }
}
