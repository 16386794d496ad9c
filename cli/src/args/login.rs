//! `cog login` and `cog logout`, as they are typed.

use clap::Args;

use crate::commands::login::Settings;
use crate::context::trust::Certificates;

/// `cog login`.
#[derive(Debug, Args)]
pub struct Login {
    /// Host of the registry, with its port if it has one [default: $COG_REGISTRY_HOST, else r8.im]
    pub registry: Option<String>,
    /// Name of the user; asked for where there is a terminal
    #[arg(short, long, value_name = "NAME")]
    pub username: Option<String>,
    /// Read the password from the standard input
    #[arg(long, requires = "username")]
    pub password_stdin: bool,
    /// Read a token from the standard input; for other registries than Replicate's, it takes the password's place
    #[arg(long, conflicts_with = "password_stdin")]
    pub token_stdin: bool,
}

/// `cog logout`.
#[derive(Debug, Args)]
pub struct Logout {
    /// Host of the registry [default: $COG_REGISTRY_HOST, else r8.im]
    pub registry: Option<String>,
}

impl Login {
    /// What the command wants to know.
    pub fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            registry: self.registry,
            username: self.username,
            password_stdin: self.password_stdin,
            token_stdin: self.token_stdin,
            certificates: Certificates::from_environment()?,
        })
    }
}
