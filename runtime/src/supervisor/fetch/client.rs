//! A GET that ends in a file: one connection each, so that every address is judged right before it is dialled.

use std::fs::File;
use std::future::Future;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::http::{Request, Response, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::address;
use super::url::Url;
use crate::settings::Settings;

/// How long connecting, and each wait for more, may take.
const PATIENCE: Duration = Duration::from_secs(10);
const MOST_REDIRECTS: usize = 10;

pub(super) struct Client<'a> {
    settings: &'a Settings,
}

impl<'a> Client<'a> {
    pub(super) fn new(settings: &'a Settings) -> Self {
        Self { settings }
    }

    /// Downloads what the URL names into a new file. A failed download leaves none.
    pub(super) async fn download(&self, source: &str, path: &Path) -> Result<(), String> {
        let mut url = Url::parse(source)?;
        for _ in 0..=MOST_REDIRECTS {
            let response = self.get(&url).await?;
            let status = response.status();
            if status.is_redirection()
                && let Some(location) = response.headers().get(header::LOCATION)
            {
                let location = location.to_str().map_err(|_| format!("{url} redirects to no URL"))?;
                url = url.join(location)?;
                continue;
            }
            if !status.is_success() {
                return Err(format!("{status} for {url}"));
            }
            let saved = self.save(response.into_body(), &url, path).await;
            if saved.is_err() {
                // It goes with its folder anyway; now is better.
                let _later = std::fs::remove_file(path);
            }
            return saved;
        }
        Err(format!("{source} redirects more than {MOST_REDIRECTS} times"))
    }

    async fn get(&self, url: &Url) -> Result<Response<Incoming>, String> {
        let stream = in_time(url, "connecting", connect(url)).await??;
        if !url.is_https() {
            return self.ask(url, stream).await;
        }
        let name = ServerName::try_from(url.host().to_owned()).map_err(|error| format!("{url}: {error}"))?;
        let connector = TlsConnector::from(tls()?);
        let stream = in_time(url, "agreeing on TLS", connector.connect(name, stream)).await?;
        self.ask(url, stream.map_err(|error| format!("{url}: {error}"))?).await
    }

    async fn ask<S>(&self, url: &Url, stream: S) -> Result<Response<Incoming>, String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let failed = |error: hyper::Error| format!("{url}: {}", innermost(&error));
        let handshake = http1::handshake::<_, Empty<Bytes>>(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.map_err(failed)?;
        tokio::spawn(async move {
            // What goes wrong here is seen by whoever reads the answer.
            let _seen_there = connection.await;
        });
        let request = Request::get(url.target())
            .header(header::HOST, url.authority())
            .header(header::USER_AGENT, &self.settings.user_agent)
            .header(header::ACCEPT, "*/*")
            .header(header::CONNECTION, "close")
            .body(Empty::new())
            .map_err(|error| format!("{url}: {error}"))?;
        in_time(url, "answering", sender.send_request(request)).await?.map_err(failed)
    }

    async fn save(&self, mut body: Incoming, url: &Url, path: &Path) -> Result<(), String> {
        let wrote = |error: std::io::Error| format!("the file could not be written: {error}");
        let mut file = File::create_new(path).map_err(wrote)?;
        let mut length = 0;
        while let Some(frame) = in_time(url, "sending", body.frame()).await? {
            let frame = frame.map_err(|error| format!("{url}: {}", innermost(&error)))?;
            let Ok(data) = frame.into_data() else { continue };
            length += data.len() as u64;
            let limit = self.settings.input_file_limit;
            if length > limit {
                return Err(format!("{url} is over {limit} bytes (COG_INPUT_FILE_LIMIT)"));
            }
            file.write_all(&data).map_err(wrote)?;
        }
        Ok(())
    }
}

async fn connect(url: &Url) -> Result<TcpStream, String> {
    let found = tokio::net::lookup_host((url.host(), url.port()));
    let found: Vec<SocketAddr> = found.await.map_err(|error| format!("{url}: {error}"))?.collect();
    let mut fault = format!("{url}: its address is one that inputs may not come from");
    for address in found.into_iter().filter(|found| address::is_allowed(found.ip())) {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => fault = format!("{url}: {error}"),
        }
    }
    Err(fault)
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

async fn in_time<T>(url: &Url, doing: &str, future: impl Future<Output = T>) -> Result<T, String> {
    let limit = PATIENCE.as_secs();
    tokio::time::timeout(PATIENCE, future)
        .await
        .map_err(|_| format!("{url}: timed out {doing} after {limit} s"))
}

/// What really went wrong, below hyper's summary of it.
fn innermost(error: &hyper::Error) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
