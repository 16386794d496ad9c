//! `cog predict`, as it is typed.

use std::path::PathBuf;

use clap::Args;

use super::Asking;
use crate::bench::{Load, Until};
use crate::commands::predict::Settings;

/// `cog predict`.
#[derive(Debug, Args)]
pub struct Predict {
    #[command(flatten)]
    pub asking: Asking,
    /// File that the output goes to
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Predict that often, and print how fast instead of the output
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: Option<u32>,
    /// How many predictions at a time [default with --repeat: 1]
    #[arg(long, value_name = "N", requires = "repeat", value_parser = clap::value_parser!(u32).range(1..))]
    pub concurrency: Option<u32>,
    /// Predict again whenever the source changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["image", "url"])]
    pub watch: bool,
}

impl Predict {
    /// What the command wants to know.
    pub fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            asking: self.asking.settings()?,
            output: self.output,
            load: self.repeat.map(|repeat| Load {
                until: Until::Count(repeat as usize),
                concurrency: self.concurrency.unwrap_or(1) as usize,
                warm_up: 0,
            }),
            watch: self.watch,
        })
    }
}
