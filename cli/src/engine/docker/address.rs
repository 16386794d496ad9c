//! Where the engine is: `DOCKER_HOST`, else the chosen context, else the usual sockets.
//!
//! Owns that rule, and the two ways there: bollard's client, and a bare connection for what bollard cannot carry.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bollard::ClientVersion;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};

use super::super::{Error, Result};

/// The place of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// A socket in the file system.
    Unix(PathBuf),
    /// Plain TCP, `host:port`.
    Tcp(String),
    /// TLS over TCP, `host:port`, with the directory of `ca.pem`, `cert.pem` and `key.pem`.
    Tls(String, PathBuf),
}

/// What the rule looks at; a value, so that tests need no environment.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// `DOCKER_HOST`.
    pub(super) host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub(super) context: Option<String>,
    /// Whether `DOCKER_TLS_VERIFY` is set.
    pub(super) tls: bool,
    /// `DOCKER_CERT_PATH`.
    pub(super) certificates: Option<PathBuf>,
    /// Docker's configuration directory.
    pub(super) config: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`.
    pub(super) runtime: Option<PathBuf>,
}

impl Surroundings {
    pub(super) fn of_this_process() -> Self {
        let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            host: text("DOCKER_HOST"),
            context: text("DOCKER_CONTEXT"),
            tls: text("DOCKER_TLS_VERIFY").is_some(),
            certificates: text("DOCKER_CERT_PATH").map(PathBuf::from),
            config: crate::credentials::config_directory(),
            runtime: text("XDG_RUNTIME_DIR").map(PathBuf::from),
        }
    }

    /// Applies the rule.
    pub(super) fn address(&self) -> Result<Address> {
        let certificates = || self.certificates.clone().or_else(|| self.config.clone()).unwrap_or_default();
        if let Some(host) = &self.host {
            return parse(host, self.tls.then(certificates));
        }
        match self.context_name()? {
            Some(name) => self.context_address(&name),
            None => Ok(Address::Unix(self.usual_socket())),
        }
    }

    fn context_name(&self) -> Result<Option<String>> {
        #[derive(Deserialize)]
        struct Config {
            #[serde(rename = "currentContext")]
            current: Option<String>,
        }
        let named = match (&self.context, &self.config) {
            (Some(name), _) => Some(name.clone()),
            // An unreadable file is reported where credentials are wanted; here it only means the default.
            (None, Some(config)) => std::fs::read(config.join("config.json"))
                .ok()
                .and_then(|bytes| serde_json::from_slice::<Config>(&bytes).ok())
                .and_then(|config| config.current),
            (None, None) => None,
        };
        Ok(named.filter(|name| !name.is_empty() && name != "default"))
    }

    fn context_address(&self, name: &str) -> Result<Address> {
        let bad = |reason: String| Error::BadAddress { address: format!("context {name}"), reason };
        let config =
            self.config.as_deref().ok_or_else(|| bad("there is no Docker configuration".to_owned()))?;
        let key: String = Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect();
        let meta = config.join("contexts/meta").join(&key).join("meta.json");
        let bytes = std::fs::read(&meta).map_err(|_| bad("there is no such context".to_owned()))?;
        let meta: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        let host = meta
            .pointer("/Endpoints/docker/Host")
            .and_then(serde_json::Value::as_str)
            .ok_or_else(|| bad("it names no Docker endpoint".to_owned()))?;
        let certificates = config.join("contexts/tls").join(&key).join("docker");
        parse(host, certificates.is_dir().then_some(certificates))
    }

    fn usual_socket(&self) -> PathBuf {
        let usual = PathBuf::from("/var/run/docker.sock");
        let others = [
            self.config.as_ref().map(|config| config.join("run/docker.sock")),
            self.runtime.as_ref().map(|runtime| runtime.join("docker.sock")),
        ];
        if usual.exists() {
            return usual;
        }
        others.into_iter().flatten().find(|path| path.exists()).unwrap_or(usual)
    }
}

fn parse(host: &str, tls: Option<PathBuf>) -> Result<Address> {
    let bad = |reason: &str| Error::BadAddress { address: host.to_owned(), reason: reason.to_owned() };
    let with_port = |rest: &str, port: u16| {
        let rest = rest.trim_end_matches('/');
        if rest.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
            rest.to_owned()
        } else {
            format!("{rest}:{port}")
        }
    };
    match host.split_once("://") {
        Some(("unix", "")) => Err(bad("it names no socket")),
        Some(("unix", path)) => Ok(Address::Unix(path.into())),
        Some(("https", rest)) => Ok(Address::Tls(with_port(rest, 2376), tls.unwrap_or_default())),
        Some(("tcp" | "http", rest)) if !rest.is_empty() => Ok(match tls {
            Some(directory) => Address::Tls(with_port(rest, 2376), directory),
            None => Address::Tcp(with_port(rest, 2375)),
        }),
        Some(("ssh", place)) if !place.is_empty() => Err(Error::OverSsh { place: place.to_owned() }),
        _ => Err(bad("it is no address")),
    }
}

/// A connection to an engine.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Address {
    /// Whether it is surely on another machine. (What leads to a socket here may come from anywhere.)
    pub(super) fn is_elsewhere(&self) -> bool {
        let (Self::Tcp(host) | Self::Tls(host, _)) = self else { return false };
        let addresses: Vec<SocketAddr> = host.to_socket_addrs().into_iter().flatten().collect();
        // Only an address of this machine can be bound to.
        let is_here = |address: &SocketAddr| UdpSocket::bind((address.ip(), 0)).is_ok();
        !addresses.is_empty() && !addresses.iter().any(is_here)
    }

    /// bollard's client for this place, which speaks `version`.
    pub(super) fn client(&self, timeout: Duration, version: &ClientVersion) -> Result<bollard::Docker> {
        let seconds = timeout.as_secs();
        match self {
            Self::Unix(path) => bollard::Docker::connect_with_unix(&path.to_string_lossy(), seconds, version),
            Self::Tcp(host) => bollard::Docker::connect_with_http(&format!("tcp://{host}"), seconds, version),
            Self::Tls(host, directory) => bollard::Docker::connect_with_ssl(
                &format!("tcp://{host}"),
                &directory.join("key.pem"),
                &directory.join("cert.pem"),
                &directory.join("ca.pem"),
                seconds,
                version,
            ),
        }
        .map_err(|error| Error::Unreachable { address: self.to_string(), reason: error.to_string() })
    }

    /// A bare connection, told apart by what keeps it from being made.
    pub(super) async fn dial(&self) -> Result<Pin<Box<dyn Stream>>> {
        let stream: io::Result<Pin<Box<dyn Stream>>> = match self {
            Self::Unix(path) => {
                tokio::net::UnixStream::connect(path).await.map(|stream| Box::pin(stream) as _)
            }
            Self::Tcp(host) => tokio::net::TcpStream::connect(host).await.map(|stream| Box::pin(stream) as _),
            Self::Tls(host, directory) => dial_tls(host, directory).await,
        };
        stream.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => Error::Forbidden { address: self.to_string() },
            io::ErrorKind::NotFound => {
                Error::Unreachable { address: self.to_string(), reason: "there is no such socket".to_owned() }
            }
            io::ErrorKind::ConnectionRefused => {
                Error::Unreachable { address: self.to_string(), reason: "connection refused".to_owned() }
            }
            _ => Error::Unreachable { address: self.to_string(), reason: error.to_string() },
        })
    }
}

async fn dial_tls(host: &str, directory: &Path) -> io::Result<Pin<Box<dyn Stream>>> {
    let pem = |name: &str| directory.join(name);
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(pem("ca.pem")).map_err(io::Error::other)? {
        roots.add(certificate.map_err(io::Error::other)?).map_err(io::Error::other)?;
    }
    let chain = CertificateDer::pem_file_iter(pem("cert.pem"))
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_file(pem("key.pem")).map_err(io::Error::other)?;
    let config =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)
            .map_err(io::Error::other)?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned();
    let name = ServerName::try_from(name).map_err(io::Error::other)?;
    let tcp = tokio::net::TcpStream::connect(host).await?;
    let tls = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await?;
    Ok(Box::pin(tls))
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(host) => write!(f, "tcp://{host}"),
            Self::Tls(host, _) => write!(f, "https://{host}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn an_engine_elsewhere_is_told_from_one_here() {
        assert!(Address::Tcp("192.0.2.1:2375".to_owned()).is_elsewhere());
        for here in ["127.0.0.1:2375", "localhost:2375", "[::1]:2375", "no-such-host.invalid:2375"] {
            assert!(!Address::Tcp(here.to_owned()).is_elsewhere(), "{here}");
        }
        assert!(!Address::Unix("/tmp/engine.sock".into()).is_elsewhere());
    }

    #[test]
    fn docker_host_wins_over_the_context() {
        let here = Surroundings {
            host: Some("tcp://build.example.com".to_owned()),
            context: Some("elsewhere".to_owned()),
            ..Surroundings::default()
        };
        assert_eq!(here.address().unwrap(), Address::Tcp("build.example.com:2375".to_owned()));
    }

    #[test]
    fn a_context_is_read_from_dockers_own_store() {
        let config = tempfile::tempdir().unwrap();
        let key: String = Sha256::digest("lab").iter().map(|byte| format!("{byte:02x}")).collect();
        let meta = config.path().join("contexts/meta").join(key);
        std::fs::create_dir_all(&meta).unwrap();
        std::fs::write(
            meta.join("meta.json"),
            r#"{"Name":"lab","Endpoints":{"docker":{"Host":"unix:///lab.sock"}}}"#,
        )
        .unwrap();
        std::fs::write(config.path().join("config.json"), r#"{"currentContext":"lab"}"#).unwrap();
        let here = Surroundings { config: Some(config.path().into()), ..Surroundings::default() };
        assert_eq!(here.address().unwrap(), Address::Unix("/lab.sock".into()));

        let other = Surroundings { context: Some("nowhere".to_owned()), ..here };
        assert_eq!(
            other.address().unwrap_err().to_string(),
            "cannot use the Docker engine at `context nowhere`: there is no such context"
        );
    }

    #[test]
    fn tls_is_used_where_it_is_asked_for() {
        let here = Surroundings {
            host: Some("tcp://build.example.com:99".to_owned()),
            tls: true,
            certificates: Some("/certs".into()),
            ..Surroundings::default()
        };
        assert_eq!(here.address().unwrap(), Address::Tls("build.example.com:99".to_owned(), "/certs".into()));
    }

    #[test]
    fn an_address_of_no_known_kind_is_refused() {
        for host in ["nonsense", "ssh://", "unix://", "tcp://"] {
            let here = Surroundings { host: Some(host.to_owned()), ..Surroundings::default() };
            assert!(matches!(here.address(), Err(Error::BadAddress { .. })), "{host}");
        }
    }

    #[test]
    fn who_names_a_place_by_ssh_is_told_the_way() {
        let here = Surroundings { host: Some("ssh://me@there:2222".to_owned()), ..Surroundings::default() };
        let hint = here.address().unwrap_err().hint().unwrap();
        assert!(hint.contains("ssh -fNT -L") && hint.contains("ssh://me@there:2222"), "{hint}");
    }
}
