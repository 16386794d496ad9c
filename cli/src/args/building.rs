//! How an image is built.

use clap::Args;

use super::Place;
use crate::build::{self, Choice};
use crate::context::trust::Certificates;
use crate::engine::BuildSecret;
use crate::plan::{Mirror, Platform};
use crate::progress::Mode;

/// How an image is built.
#[derive(Debug, Args)]
pub struct Building {
    /// How progress is shown: auto, tty, plain or quiet
    #[arg(
        long,
        value_name = "HOW",
        env = "BUILDKIT_PROGRESS",
        default_value = "auto",
        hide_env_values = true
    )]
    pub progress: Mode,
    /// What builds the image: the engine (docker), this machine's cargo (host), or whichever fits (auto)
    #[arg(long, value_name = "WHAT", env = "COG_BUILDER", default_value = "auto", hide_env_values = true)]
    pub builder: Choice,
    /// Build everything anew, dependencies too
    #[arg(long)]
    pub no_cache: bool,
    /// A secret for the steps that mount it: id=ID,src=FILE or id=ID,env=NAME (repeatable)
    #[arg(long = "secret", value_name = "SECRET")]
    pub secrets: Vec<BuildSecret>,
}

impl Building {
    /// What `build` wants to know of the project at `place`.
    pub fn settings(self, place: Place, tag: Option<String>) -> anyhow::Result<build::Settings> {
        Ok(build::Settings {
            directory: place.directory,
            tag,
            builder: self.builder,
            platform: Platform::default(),
            system: false,
            no_cache: self.no_cache,
            quiet: self.progress == Mode::Quiet,
            secrets: self.secrets,
            certificates: Certificates::from_environment()?,
            mirror: Mirror::from_environment()?,
        })
    }
}
