//! `cog login` and `cog logout`: a registry's credentials, kept where Docker keeps them.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::context::trust::Certificates;
use crate::credentials::{self, Keeper, Login, prompt};
use crate::reference::{self, Reference};
use crate::registry::{self, Checked, replicate};

/// What `cog login` was asked.
#[derive(Debug, Default)]
pub struct Settings {
    /// The registry; Replicate's where none is named.
    pub registry: Option<String>,
    /// `--username`.
    pub username: Option<String>,
    /// `--password-stdin`.
    pub password_stdin: bool,
    /// `--token-stdin`.
    pub token_stdin: bool,
    /// Certificates of `COG_CA_CERT`.
    pub certificates: Option<Certificates>,
}

/// Why nobody is logged in, or out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The registry is no host.
    #[error("`{0}` is no registry: a host is meant, with its port if it has one")]
    NoHost(String),
    /// There is nobody to ask.
    #[error("there is no terminal to ask for {0} at")]
    NoTerminal(&'static str),
    /// Something was left empty.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// A token for the interface, where one for the registry is wanted.
    #[error("this is a token for Replicate's API, and the registry wants one of its own")]
    ApiToken {
        /// The registry.
        registry: String,
    },
    /// A token that is nobody's.
    #[error("`{registry}` knows no user with this token")]
    NoUser {
        /// The registry.
        registry: String,
    },
    /// The terminal, or the standard input, fails.
    #[error("cannot read the answer: {0}")]
    Read(#[from] io::Error),
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoHost(text) => match text.rsplit_once("//") {
                Some((_, rest)) => format!("write `{}`", rest.split('/').next().unwrap_or_default()),
                None => format!("write `{}`", text.split('/').next().unwrap_or_default()),
            },
            Self::NoTerminal(_) => {
                "give `--username NAME --password-stdin`, and the password on the standard input".to_owned()
            }
            Self::ApiToken { registry } | Self::NoUser { registry } => {
                format!("`cog login {registry}` says where to find the token")
            }
            Self::Empty(_) | Self::Read(_) => return None,
        })
    }
}

/// Finds out whether the login is one, and keeps it.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let host = match &settings.registry {
        Some(text) => host(text)?,
        None => reference::model::default_registry(),
    };
    let certificates = settings.certificates.as_ref();
    let replicates = host == reference::model::default_registry() && settings.username.is_none();
    let page =
        if replicates && !settings.token_stdin { replicate::page(&host, certificates).await? } else { None };
    let (user, login) = if page.is_some() || (replicates && settings.token_stdin) {
        let token = token(page.as_deref(), &settings).await?;
        if token.starts_with("r8_") {
            return Err(Error::ApiToken { registry: host }.into());
        }
        let user = replicate::user(&host, &token, certificates).await?;
        let user = user.ok_or_else(|| Error::NoUser { registry: host.clone() })?;
        (user.clone(), Login::Password { username: user, password: token })
    } else {
        let (username, password) = asked(&settings).await?;
        let login = Login::Password { username: username.clone(), password };
        if registry::check(&host, &login, certificates).await? == Checked::Unasked {
            writeln!(
                io::stderr(),
                "warning: `{host}` lets everybody in, so whether the password is right is not known"
            )?;
        }
        (username, login)
    };
    let registry = host.clone();
    let keeper = tokio::task::spawn_blocking(move || credentials::keep(&registry, &login)).await??;
    let mut said = io::stderr();
    writeln!(said, "Logged in to {host} as {user}")?;
    match keeper {
        Keeper::File(path) => {
            writeln!(said, "The password is in {}, unencrypted, for you alone to read", path.display())?;
        }
        Keeper::Helper(name) => writeln!(said, "The password is with docker-credential-{name}")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Forgets a registry's credentials.
pub async fn forget(registry: Option<String>) -> anyhow::Result<ExitCode> {
    let host = match registry {
        Some(text) => host(&text)?,
        None => reference::model::default_registry(),
    };
    let asked = host.clone();
    let found = tokio::task::spawn_blocking(move || credentials::forget(&asked)).await??;
    if found {
        writeln!(io::stderr(), "Logged out of {host}")?;
    } else {
        writeln!(io::stderr(), "Nothing is kept for {host}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The registry that is meant by a text.
fn host(text: &str) -> Result<String, Error> {
    let wrong = || Error::NoHost(text.to_owned());
    if matches!(text, "index.docker.io" | "registry-1.docker.io" | reference::DOCKER_HUB) {
        return Ok(reference::DOCKER_HUB.to_owned());
    }
    // A host that has a dot, a port, or is this machine: what a name of an image would take for one.
    let name = Reference::parse(&format!("{text}/name")).map_err(|_| wrong())?;
    if name.has_registry() && name.registry() == text { Ok(text.to_owned()) } else { Err(wrong()) }
}

async fn token(page: Option<&str>, settings: &Settings) -> Result<String, Error> {
    let token = match page {
        Some(page) => {
            if !prompt::is_possible() {
                return Err(Error::NoTerminal("a token"));
            }
            let _unheard = writeln!(io::stderr(), "Open {page} in a browser: it shows a token");
            prompt::secret("Token: ").await?
        }
        None => from_standard_input(settings.token_stdin).await?,
    };
    let token = token.trim().to_owned();
    if token.is_empty() { Err(Error::Empty("token")) } else { Ok(token) }
}

/// Name and password, from wherever they come.
async fn asked(settings: &Settings) -> Result<(String, String), Error> {
    let username = match &settings.username {
        Some(username) => username.clone(),
        None if prompt::is_possible() => prompt::line("Username: ").await?.trim().to_owned(),
        None => return Err(Error::NoTerminal("a user name")),
    };
    if username.is_empty() {
        return Err(Error::Empty("user name"));
    }
    let password = if settings.password_stdin || settings.token_stdin {
        from_standard_input(true).await?
    } else if prompt::is_possible() {
        prompt::secret("Password: ").await?
    } else {
        return Err(Error::NoTerminal("a password"));
    };
    if password.is_empty() { Err(Error::Empty("password")) } else { Ok((username, password)) }
}

async fn from_standard_input(given: bool) -> Result<String, Error> {
    if !given {
        return Err(Error::NoTerminal("a token"));
    }
    let read = tokio::task::spawn_blocking(prompt::standard_input);
    Ok(read.await.map_err(io::Error::other)??)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_registry_is_a_host_and_nothing_more() {
        for text in ["r.example.com", "127.0.0.1:5000", "localhost", "[::1]:5000", "docker.io"] {
            assert_eq!(host(text).unwrap(), text);
        }
        assert_eq!(host("index.docker.io").unwrap(), "docker.io");
        for text in ["", "me", "https://r.example.com", "r.example.com/me", "r.example.com:x", "a b"] {
            assert!(host(text).is_err(), "{text}");
        }
        assert_eq!(host("https://r.example.com/v2/").unwrap_err().hint().unwrap(), "write `r.example.com`");
    }
}
