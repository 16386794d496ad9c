//! A request and its answer, across redirects.

use std::fmt;
use std::future::Future;
use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::http::{self, HeaderMap, Method, Response, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::address::Policy;
use super::url::Url;
use crate::settings::Settings;

const MOST_REDIRECTS: usize = 10;
const CHUNK: usize = 64 << 10;

/// Asks one server at a time.
#[derive(Clone)]
pub(in crate::supervisor) struct Client {
    policy: Policy,
    user_agent: String,
}

/// What is asked.
#[derive(Clone)]
pub(in crate::supervisor) struct Request {
    pub(in crate::supervisor) method: Method,
    pub(in crate::supervisor) url: Url,
    /// Besides `Host`, `User-Agent`, `Accept` and those about the content's length.
    pub(in crate::supervisor) headers: HeaderMap,
    pub(in crate::supervisor) content: Content,
    /// How long connecting, and the wait for an answer, may take each.
    pub(in crate::supervisor) patience: Duration,
}

/// What is sent along; it can be sent again.
#[derive(Clone)]
pub(in crate::supervisor) enum Content {
    Nothing,
    Bytes(Bytes),
    File(PathBuf),
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(in crate::supervisor) enum Fault {
    /// It was not asked for: the address is refused, or the URL is none. Another try would end alike.
    Refused(String),
    /// Something went wrong on the way.
    Failed(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(fault) | Self::Failed(fault) => out.write_str(fault),
        }
    }
}

impl Client {
    pub(in crate::supervisor) fn new(settings: &Settings) -> Self {
        Self { policy: settings.fetch_policy, user_agent: settings.user_agent.clone() }
    }

    /// The same, for addresses that only the operator names.
    pub(in crate::supervisor) fn trusting(mut self) -> Self {
        self.policy = Policy::Any;
        self
    }

    /// The same, under another name.
    pub(in crate::supervisor) fn called(mut self, user_agent: &str) -> Self {
        user_agent.clone_into(&mut self.user_agent);
        self
    }

    /// Sends the request, and again wherever the answer leads; gives the last answer and where it came from.
    pub(in crate::supervisor) async fn send(
        &self,
        mut request: Request,
    ) -> Result<(Response<Incoming>, Url), Fault> {
        let first = request.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.ask(&request).await?;
            let status = response.status().as_u16();
            let location = response.headers().get(header::LOCATION);
            let Some(location) = location.filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308)) else {
                return Ok((response, request.url));
            };
            let leads = location.to_str().ok().map(|location| request.url.join(location));
            let next = match leads {
                Some(Ok(next)) => next,
                _ => return Err(Fault::Refused(format!("{} redirects to no URL", request.url))),
            };
            if !next.is_served_with(&request.url) {
                forget_credentials(&mut request.headers);
            }
            if status < 307 && request.method != Method::GET {
                request.method = Method::GET;
                request.content = Content::Nothing;
                request.headers.remove(header::CONTENT_TYPE);
            }
            request.url = next;
        }
        Err(Fault::Refused(format!("{first} redirects more than {MOST_REDIRECTS} times")))
    }

    async fn ask(&self, request: &Request) -> Result<Response<Incoming>, Fault> {
        let Request { url, patience, .. } = request;
        let stream = in_time(url, *patience, "connecting", self.connect(url)).await??;
        if !url.is_https() {
            return self.talk(request, stream).await;
        }
        let name = ServerName::try_from(url.host().to_owned())
            .map_err(|error| Fault::Refused(format!("{url}: {error}")))?;
        let connector = TlsConnector::from(tls().map_err(Fault::Refused)?);
        let stream = in_time(url, *patience, "agreeing on TLS", connector.connect(name, stream)).await?;
        self.talk(request, stream.map_err(|error| Fault::Failed(format!("{url}: {error}")))?).await
    }

    async fn talk<S>(&self, request: &Request, stream: S) -> Result<Response<Incoming>, Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let url = &request.url;
        let failed = |error: hyper::Error| Fault::Failed(format!("{url}: {}", innermost(&error)));
        let handshake = http1::handshake::<_, Body>(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.map_err(failed)?;
        tokio::spawn(async move {
            // What goes wrong here is seen by whoever reads the answer.
            let _seen_there = connection.await;
        });
        let message = self.message(request)?;
        in_time(url, request.patience, "answering", sender.send_request(message)).await?.map_err(failed)
    }

    fn message(&self, request: &Request) -> Result<http::Request<Body>, Fault> {
        let url = &request.url;
        let refused = |error: &dyn fmt::Display| Fault::Refused(format!("{url}: {error}"));
        let mut message = http::Request::builder()
            .method(request.method.clone())
            .uri(url.target())
            .header(header::HOST, url.authority())
            .header(header::USER_AGENT, &self.user_agent)
            .header(header::ACCEPT, "*/*")
            .header(header::CONNECTION, "close");
        for (name, value) in &request.headers {
            message = message.header(name, value);
        }
        let body = match &request.content {
            Content::Nothing => Body::empty(),
            Content::Bytes(bytes) => Body::from(bytes.clone()),
            Content::File(path) => {
                let unreadable = |error: std::io::Error| {
                    refused(&format!("the file `{}` could not be read: {error}", path.display()))
                };
                let file = std::fs::File::open(path).map_err(unreadable)?;
                let length = file.metadata().map_err(unreadable)?.len();
                message = message.header(header::CONTENT_LENGTH, length);
                contents(file)
            }
        };
        message.body(body).map_err(|error| refused(&error))
    }

    async fn connect(&self, url: &Url) -> Result<TcpStream, Fault> {
        let found = tokio::net::lookup_host((url.host(), url.port()));
        let found: Vec<SocketAddr> =
            found.await.map_err(|error| Fault::Failed(format!("{url}: {error}")))?.collect();
        let mut fault =
            Fault::Refused(format!("{url}: its address is one that this server does not talk to"));
        for address in found.into_iter().filter(|found| self.policy.allows(found.ip())) {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => fault = Fault::Failed(format!("{url}: {error}")),
            }
        }
        Err(fault)
    }
}

/// What was meant for one server is not told to another, nor to everybody on the way.
fn forget_credentials(headers: &mut HeaderMap) {
    headers.remove(header::AUTHORIZATION);
    headers.remove("x-amz-security-token");
}

/// The file piece by piece. Reading blocks, which the runtimes of this room can bear: they serve nobody else.
fn contents(mut file: std::fs::File) -> Body {
    let mut buffer = vec![0; CHUNK];
    Body::from_stream(stream::iter(std::iter::from_fn(move || match file.read(&mut buffer) {
        Ok(0) => None,
        Ok(length) => Some(Ok(Bytes::copy_from_slice(&buffer[..length]))),
        Err(error) => Some(Err(error)),
    })))
}

/// The trust of this machine, read when it is first needed.
fn tls() -> Result<Arc<ClientConfig>, String> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(Arc::clone(config));
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::clone(CONFIG.get_or_init(|| Arc::new(config))))
}

/// The result, unless it takes too long.
pub(in crate::supervisor) async fn in_time<T>(
    url: &Url,
    patience: Duration,
    doing: &str,
    future: impl Future<Output = T>,
) -> Result<T, Fault> {
    let limit = patience.as_secs();
    tokio::time::timeout(patience, future)
        .await
        .map_err(|_| Fault::Failed(format!("{url}: timed out {doing} after {limit} s")))
}

/// What really went wrong, below hyper's summary of it.
pub(in crate::supervisor) fn innermost(error: &hyper::Error) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use hyper::http::HeaderValue;

    use super::*;

    #[test]
    fn another_server_hears_no_credential() {
        let mut headers = HeaderMap::new();
        for name in ["authorization", "x-amz-security-token", "x-amz-date"] {
            headers.insert(name, HeaderValue::from_static("x"));
        }
        forget_credentials(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-amz-date"]);
    }
}
