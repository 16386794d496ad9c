//! `cog exec`, as it is typed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use clap::Args;

use super::{Building, Place, variable};
use crate::commands::exec::Settings;
use crate::engine::{Bind, Gpus};

/// `cog exec`.
#[derive(Debug, Args)]
pub struct Exec {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub building: Building,
    /// Run in this image instead of the project's
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// A port to publish on the same port of this machine: 8000, 0.0.0.0:8000 or [::1]:8000 (repeatable)
    #[arg(short, long = "publish", value_name = "[ADDRESS:]PORT", value_parser = publication)]
    pub publish: Vec<SocketAddr>,
    /// A variable of the command's environment (repeatable)
    #[arg(short, long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<String>,
    /// A file or directory of this machine to show inside; `:ro` keeps it from being written to (repeatable)
    #[arg(short = 'v', long = "volume", value_name = "SOURCE:TARGET[:ro]", value_parser = volume)]
    pub volumes: Vec<Bind>,
    /// GPUs for the container: all, a number, or device=0,1
    #[arg(long, value_name = "GPUS")]
    pub gpus: Option<Gpus>,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

impl Exec {
    /// What the command wants to know.
    pub fn settings(self) -> anyhow::Result<Settings> {
        let progress = self.building.progress;
        let mut build = self.building.settings(self.place, None)?;
        // A model's own image may hold nothing but the model.
        build.system = true;
        Ok(Settings {
            build,
            progress,
            image: self.image,
            publish: self.publish,
            env: self.env,
            volumes: self.volumes,
            gpus: self.gpus,
            command: self.command,
        })
    }
}

fn publication(text: &str) -> Result<SocketAddr, String> {
    let place = match text.parse::<u16>() {
        Ok(port) => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
        Err(_) => {
            address(text).ok_or("it is PORT, ADDRESS:PORT or [ADDRESS]:PORT, with a number up to 65535")?
        }
    };
    if place.port() == 0 { Err("ports are from 1 to 65535".to_owned()) } else { Ok(place) }
}

/// `ADDRESS:PORT`, where an address of IPv6 may lack its brackets.
fn address(text: &str) -> Option<SocketAddr> {
    text.parse().ok().or_else(|| {
        let (address, port) = text.rsplit_once(':')?;
        Some(SocketAddr::new(address.parse().ok()?, port.parse().ok()?))
    })
}

fn volume(text: &str) -> Result<Bind, String> {
    let (text, read_only) = match text.strip_suffix(":ro") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (source, target) = text.split_once(':').ok_or("it is SOURCE:TARGET or SOURCE:TARGET:ro")?;
    if !target.starts_with('/') {
        return Err(format!("`{target}`, the place inside, has to be an absolute path"));
    }
    let source =
        Path::new(source).canonicalize().map_err(|error| format!("cannot find `{source}`: {error}"))?;
    Ok(Bind { source, target: target.to_owned(), read_only })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_port_is_published_on_this_machine_alone_unless_it_says_otherwise() {
        let place = |text: &str| publication(text).unwrap().to_string();
        assert_eq!(place("8000"), "127.0.0.1:8000");
        assert_eq!(place("0.0.0.0:8000"), "0.0.0.0:8000");
        assert_eq!(place("[::1]:8000"), "[::1]:8000");
        assert_eq!(place("::1:8000"), "[::1]:8000");
        for wrong in ["", "0", "65536", ":8000", "localhost:", "[::1]8000", "8000:80"] {
            publication(wrong).unwrap_err();
        }
    }

    #[test]
    fn a_volume_has_two_ends() {
        assert_eq!(
            volume("/etc:/there:ro").unwrap(),
            Bind { source: "/etc".into(), target: "/there".to_owned(), read_only: true }
        );
        assert!(!volume("/etc:/there").unwrap().read_only);
        for wrong in ["/etc", "/etc:there", "/nonexistent/x:/there"] {
            volume(wrong).unwrap_err();
        }
    }
}
