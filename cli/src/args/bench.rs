//! `cog bench`, as it is typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Asking;
use crate::bench::{Load, Until};
use crate::commands::bench::Settings;

/// `cog bench`.
#[derive(Debug, Args)]
pub struct Bench {
    #[command(flatten)]
    pub asking: Asking,
    /// How many predictions at a time
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub concurrency: u32,
    /// Seconds to measure for
    #[arg(short, long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    pub duration: u64,
    /// Measure so many predictions, however long they take
    #[arg(long, value_name = "N", conflicts_with = "duration", value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: Option<u32>,
    /// Predictions before the measurement, that do not count [default: as many as at a time]
    #[arg(long, value_name = "N")]
    pub warm_up: Option<u32>,
    /// Write a report: an HTML page, or the picture alone where the name ends in .svg
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

impl Bench {
    /// What the command wants to know.
    pub fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            asking: self.asking.settings()?,
            load: Load {
                until: match self.repeat {
                    Some(count) => Until::Count(count as usize),
                    None => Until::Elapsed(Duration::from_secs(self.duration)),
                },
                concurrency: self.concurrency as usize,
                warm_up: self.warm_up.unwrap_or(self.concurrency) as usize,
            },
            report: self.report,
        })
    }
}
