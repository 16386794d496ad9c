//! Which model is asked, and what.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;
use reqwest::Url;

use super::{Building, Place, variable};
use crate::commands::asking::Settings;
use crate::engine::Gpus;

/// Which model is asked, and what.
#[derive(Debug, Args)]
pub struct Asking {
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
    /// A variable of the model's environment (repeatable)
    #[arg(short, long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<String>,
    /// GPUs for the container: all, a number, or device=0,1
    #[arg(long, value_name = "GPUS")]
    pub gpus: Option<Gpus>,
    /// Seconds that setup may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub setup_timeout: u64,
}

impl Asking {
    /// What the commands that ask want to know.
    pub fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            image: self.image,
            url: self.url,
            progress: self.building.progress,
            build: self.building.settings(self.place, None)?,
            local: self.local,
            inputs: self.inputs,
            json: self.json,
            env: self.env,
            gpus: self.gpus,
            setup_timeout: Duration::from_secs(self.setup_timeout),
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
