//! `cog serve`, as it is typed.

use std::net::IpAddr;

use clap::Args;

use super::{Building, Place, variable};
use crate::commands::serve::Settings;
use crate::engine::Gpus;

/// `cog serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Image to serve [default: the project]
    pub image: Option<String>,
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub building: Building,
    /// Compile and run the model on this machine, without Docker
    #[arg(long, conflicts_with_all = ["image", "gpus"])]
    pub local: bool,
    /// Port to listen on
    #[arg(short, long, default_value_t = 8393)]
    pub port: u16,
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// A variable of the model's environment (repeatable)
    #[arg(short, long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<String>,
    /// GPUs for the container: all, a number, or device=0,1
    #[arg(long, value_name = "GPUS")]
    pub gpus: Option<Gpus>,
    /// Serve a page beside it that tries the model
    #[arg(long)]
    pub playground: bool,
    /// Port of that page; 0 is any that is free
    #[arg(long, value_name = "PORT", default_value_t = 9000, requires = "playground")]
    pub playground_port: u16,
    /// Make and serve the model anew whenever its source changes; requests wait meanwhile
    #[arg(long, conflicts_with = "image")]
    pub watch: bool,
}

impl Serve {
    /// What the command wants to know.
    pub fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            image: self.image,
            progress: self.building.progress,
            build: self.building.settings(self.place, None)?,
            local: self.local,
            address: self.host,
            port: self.port,
            env: self.env,
            gpus: self.gpus,
            playground: self.playground.then_some(self.playground_port),
            watch: self.watch,
        })
    }
}
