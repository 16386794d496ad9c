//! Who is compared, and how each is started.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;

use crate::reference::Reference;
use crate::server::Server;

/// The models that they serve, twins of each other.
const MODELS: [&str; 3] = ["echo", "files", "tokens"];

/// One of those that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contestant {
    /// Cog for Python.
    Reference,
    /// This repository.
    Ours,
    /// An axum handler and nothing else.
    Bare,
}

impl Contestant {
    /// Those that serve models.
    pub(crate) const SERVERS: [Self; 2] = [Self::Reference, Self::Ours];
    /// All.
    pub(crate) const ALL: [Self; 3] = [Self::Reference, Self::Ours, Self::Bare];
}

/// All of them, built and installed.
pub(crate) struct Contestants {
    reference: Reference,
    ours: HashMap<&'static str, PathBuf>,
}

impl Contestants {
    /// Builds ours and installs the reference.
    pub(crate) fn prepared() -> Self {
        let ours = MODELS.map(|model| (model, cog_tests::twin_alone(model))).into();
        Self { reference: Reference::installed(&ours), ours }
    }

    /// Starts a model; comes back when it is ready.
    pub(crate) fn start(&self, who: Contestant, model: &str, environment: &[(&str, &str)]) -> Server {
        let port = cog_tests::free_port();
        let mut command = match who {
            Contestant::Reference => self.reference.serve(model),
            Contestant::Ours => Command::new(&self.ours[model]),
            Contestant::Bare => {
                let mut command = Command::new(this_program());
                command.args(["--bare", &port.to_string()]);
                command
            }
        };
        command.env("PORT", port.to_string()).envs(environment.iter().copied());
        Server::start(command, port)
    }
}

fn this_program() -> PathBuf {
    std::env::current_exe().expect("a process knows its executable")
}
