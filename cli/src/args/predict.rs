//! `cog predict`, as it is typed.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use reqwest::Url;

use super::{Building, Place, variable};
use crate::commands::predict::{Load, Settings};
use crate::engine::Gpus;

/// `cog predict`.
#[derive(Debug, Args)]
pub struct Predict {
    /// Image to predict with [default: the project]
    pub image: Option<String>,
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub building: Building,
    /// Compile and run the model on this machine, without Docker
    #[arg(long, conflicts_with_all = ["image", "gpus"])]
    pub local: bool,
    /// Ask the model that runs at this address, as `cog serve` or a container serves it
    #[arg(long, value_name = "URL", value_parser = address, conflicts_with_all = ["image", "local", "gpus", "env"])]
    pub url: Option<Url>,
    /// An input; @FILE is a file's content, @@ a literal @; repeat it for a list
    #[arg(short, long = "input", value_name = "NAME=VALUE")]
    pub inputs: Vec<OsString>,
    /// All inputs as one JSON object, @FILE, or @- for standard input; the whole answer is printed as JSON
    #[arg(long, value_name = "JSON")]
    pub json: Option<OsString>,
    /// File that the output goes to
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A variable of the model's environment (repeatable)
    #[arg(short, long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<String>,
    /// GPUs for the container: all, a number, or device=0,1
    #[arg(long, value_name = "GPUS")]
    pub gpus: Option<Gpus>,
    /// Seconds that setup may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub setup_timeout: u64,
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
            image: self.image,
            url: self.url,
            progress: self.building.progress,
            build: self.building.settings(self.place, None)?,
            local: self.local,
            inputs: self.inputs,
            json: self.json,
            output: self.output,
            env: self.env,
            gpus: self.gpus,
            setup_timeout: Duration::from_secs(self.setup_timeout),
            load: self.repeat.map(|repeat| Load {
                repeat: repeat as usize,
                concurrency: self.concurrency.unwrap_or(1) as usize,
            }),
            watch: self.watch,
        })
    }
}

/// The address of a server.
fn address(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err("it begins with http:// or https:// and a host".to_owned()),
    }
}
