//! `cog playground`, as it is typed.

use std::net::{IpAddr, SocketAddr};

use clap::Args;

use crate::commands::playground::Settings;
use crate::playground;

/// `cog playground`.
#[derive(Debug, Args)]
pub struct Playground {
    /// The model: scheme, host and port of where it is served; the page can change it
    #[arg(long, value_name = "URL", default_value = "http://localhost:8393")]
    pub target: String,
    /// Port of the page; 0 is any that is free
    #[arg(short, long, default_value_t = 0)]
    pub port: u16,
    /// Address to listen on; from other machines webhooks are taken and nothing else
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Name by which the model reaches this machine, for webhooks
    #[arg(long, value_name = "HOST", default_value = "host.docker.internal")]
    pub webhook_host: String,
    /// Do not open a browser
    #[arg(long)]
    pub no_open: bool,
}

impl Playground {
    /// What the command wants to know.
    pub fn settings(self) -> Settings {
        Settings {
            playground: playground::Settings {
                address: SocketAddr::new(self.host, self.port),
                target: self.target,
                webhook_host: self.webhook_host,
            },
            open: !self.no_open,
        }
    }
}
