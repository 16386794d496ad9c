//! Where a registry is spoken to, and over what.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};

use super::client::SILENCE;
use super::{Error, Result};
use crate::context::trust::Certificates;
use crate::reference::DOCKER_HUB;

/// Bytes of an answer that is not meant to be long.
const HEAD: usize = 1 << 20;

/// A host that answers.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) http: Client,
    /// Goes nowhere else, for requests that hold a secret in themselves.
    pub(super) steady: Client,
    /// `https://HOST/v2/`.
    pub(super) base: Url,
    /// With its port, if it has one.
    pub(super) host: String,
}

impl Endpoint {
    /// The registry at `host`. `certificates` are trusted beside those of this machine. Speaks HTTPS, in its second
    /// version where that is offered; to this very machine plain HTTP, too, where that is what answers.
    ///
    /// # Errors
    /// Certificates that cannot be used, a name that is no host.
    pub(super) async fn of(host: &str, certificates: Option<&Certificates>) -> Result<Self> {
        let local = is_local(host);
        let http = client(host, local, certificates, Policy::default())?;
        let steady = client(host, local, certificates, Policy::none())?;
        let name = if host == DOCKER_HUB { "registry-1.docker.io" } else { host };
        let at = |scheme: &str| {
            Url::parse(&format!("{scheme}://{name}/v2/")).map_err(|_| Error::Unreachable {
                registry: host.to_owned(),
                reason: "it is no host".to_owned(),
            })
        };
        let mut base = at("https")?;
        if local
            && let Err(error) = http.get(base.clone()).timeout(Duration::from_secs(5)).send().await
            // One that speaks TLS and is not trusted has to say so.
            && !cause(&error).contains("certificate")
        {
            base = at("http")?;
        }
        Ok(Self { http, steady, base, host: host.to_owned() })
    }

    /// Whether an address is one of the registry's own.
    pub(super) fn is_at(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// What comes of `work` unless nothing moves for a while.
    pub(super) async fn within<T>(&self, work: impl Future<Output = reqwest::Result<T>>) -> Result<T> {
        match tokio::time::timeout(SILENCE, work).await {
            Ok(outcome) => outcome.map_err(|error| self.unreachable(&error)),
            Err(_) => Err(Error::Silent { registry: self.host.clone() }),
        }
    }

    /// The first bytes of an answer, as far as they come: all of one that is not meant to be long.
    pub(super) async fn head(&self, mut reply: Response) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < HEAD
            && let Ok(Some(piece)) = self.within(reply.chunk()).await
        {
            bytes.extend_from_slice(&piece);
        }
        bytes.truncate(HEAD);
        bytes
    }

    /// A request that failed, as an error.
    pub(super) fn unreachable(&self, error: &reqwest::Error) -> Error {
        Error::Unreachable { registry: self.host.clone(), reason: cause(error) }
    }
}

fn client(host: &str, local: bool, certificates: Option<&Certificates>, redirects: Policy) -> Result<Client> {
    let mut builder = Client::builder()
        .redirect(redirects)
        // An address may hold a secret.
        .referer(false)
        .user_agent(concat!("cog/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(15));
    if local {
        // A proxy is for other machines.
        builder = builder.no_proxy();
    }
    // Where Docker looks for a registry's own authority.
    let shelf = std::path::Path::new("/etc/docker/certs.d").join(host);
    let own = if shelf.is_dir() { Certificates::of_registry(&shelf) } else { None };
    let named = certificates.map(|pem| ("COG_CA_CERT".into(), pem));
    for (path, pem) in named.into_iter().chain(own.as_ref().map(|pem| (shelf, pem))) {
        let trusted = reqwest::Certificate::from_pem_bundle(pem.pem().as_bytes())
            .map_err(|error| Error::Certificate { path, reason: cause(&error) })?;
        builder = builder.tls_certs_merge(trusted);
    }
    builder.build().map_err(|error| Error::Unreachable { registry: host.to_owned(), reason: cause(&error) })
}

/// Whether it is on this machine, where Docker, too, does without TLS.
pub fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next(),
        None => host.split(':').next(),
    };
    let name = name.unwrap_or_default();
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The innermost reason of a failed request: the outer ones say little but the address.
fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_local() {
        for host in ["localhost", "localhost:5000", "127.0.0.1", "127.9.9.9:80", "[::1]:5000", "[::1]"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["docker.io", "localhost.example.com", "10.0.0.1:5000", "128.0.0.1"] {
            assert!(!is_local(host), "{host}");
        }
    }
}
