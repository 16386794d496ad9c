//! Requests to whoever has weights, and downloads that go on where they were cut off.

use std::future::Future;
use std::time::Duration;

use reqwest::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_RANGE, RANGE, RETRY_AFTER, TRANSFER_ENCODING,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url, Version};

use super::super::partial::Partial;
use super::super::teller::Teller;
use super::super::{Error, Result};
use crate::context::trust::Certificates;

/// How often a thing is tried again that comes to nothing.
const AGAIN: u32 = 3;
/// The first wait between two tries; the next ones are twice as long each.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest wait that a server may ask for.
const OBLIGING: Duration = Duration::from_secs(120);
/// How long nothing may move.
const SILENCE: Duration = Duration::from_secs(60);

/// Whom weights are asked of.
#[derive(Debug, Clone)]
pub(in super::super) struct Web {
    http: Client,
    /// For this machine: a proxy is for others.
    local: Client,
    teller: Teller,
}

/// A file to be brought.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) url: Url,
    /// What it is called.
    pub(super) name: String,
    /// The value of `Authorization`.
    pub(super) said: Option<String>,
    /// The strong tag that it had when it was asked for.
    pub(super) etag: Option<String>,
    /// How many bytes it has, where that was told.
    pub(super) size: Option<u64>,
    /// Whether its bytes are known beforehand by their digest.
    pub(super) certain: bool,
}

impl Wanted {
    /// Whether somebody says that the rest is of the same file as what is here.
    fn can_go_on(&self) -> bool {
        self.etag.is_some() || self.certain
    }
}

impl Web {
    /// Trusts `certificates` beside those of this machine.
    pub(in super::super) fn new(certificates: Option<&Certificates>, teller: &Teller) -> Result<Self> {
        let client = |local: bool| {
            let mut builder = Client::builder()
                // An address may hold a secret.
                .referer(false)
                .user_agent(concat!("cog/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(Duration::from_secs(15))
                .read_timeout(SILENCE);
            if local {
                builder = builder.no_proxy();
            }
            if let Some(pem) = certificates {
                builder =
                    builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem.pem().as_bytes())?);
            }
            builder.build()
        };
        let made =
            client(false).and_then(|http| Ok(Self { http, local: client(true)?, teller: teller.clone() }));
        made.map_err(|error| Error::Client(cause(&error)))
    }

    /// The answer to a request, tried again where that may help.
    ///
    /// # Errors
    /// An answer that is no success, or none.
    pub(super) async fn ask(&self, method: Method, url: &Url, said: Option<&str>) -> Result<Response> {
        persistently(|| self.once(method.clone(), url, said, |request| request)).await
    }

    /// Brings a file into `partial`, from where that ends.
    ///
    /// # Errors
    /// As for [`Web::ask`], or a disk that is full.
    pub(super) async fn bring(&self, wanted: &Wanted, partial: &mut Partial) -> Result<()> {
        // A run that was killed between the last byte and the store left it here as a whole.
        if wanted.can_go_on() && partial.size() > 0 && wanted.size == Some(partial.size()) {
            return Ok(());
        }
        let (mut furthest, mut spent) = (partial.size(), 0);
        loop {
            let Err(error) = self.attempt(wanted, partial).await else { return Ok(()) };
            // What comes a second time is no progress.
            if partial.size() > furthest {
                (furthest, spent) = (partial.size(), 0);
            }
            spent = pause(spent, error).await?;
        }
    }

    async fn attempt(&self, wanted: &Wanted, partial: &mut Partial) -> Result<()> {
        if !wanted.can_go_on() {
            partial.begin_anew()?;
        }
        let from = partial.size();
        let range = |request: RequestBuilder| {
            let request = if from == 0 { request } else { request.header(RANGE, format!("bytes={from}-")) };
            match &wanted.etag {
                Some(etag) if from > 0 => request.header(IF_RANGE, etag),
                _ => request,
            }
        };
        let reply = self.once(Method::GET, &wanted.url, wanted.said.as_deref(), range).await;
        let mut reply = match reply {
            Ok(reply) if reply.status() != StatusCode::PARTIAL_CONTENT => {
                partial.begin_anew()?;
                reply
            }
            Ok(reply) if begins(&reply) == Some(from) => reply,
            // It is another part than the one that was asked for; or it is here as a whole, or is another one now.
            Ok(_) | Err(Error::Answered { status: StatusCode::RANGE_NOT_SATISFIABLE, .. }) if from > 0 => {
                partial.begin_anew()?;
                self.once(Method::GET, &wanted.url, wanted.said.as_deref(), |request| request).await?
            }
            reply => reply?,
        };
        if reply.status() == StatusCode::PARTIAL_CONTENT && begins(&reply) != Some(partial.size()) {
            let reason = "it gave out a part of the file, and not the one that it was asked for";
            return Err(Error::Unreachable { address: shown(&wanted.url), reason: reason.to_owned() });
        }
        if let (Some(wanted), Some(etag)) = (&wanted.etag, strong_tag(&reply))
            && *wanted != etag
        {
            partial.begin_anew()?;
            return Err(Error::Moved { address: shown(reply.url()) });
        }
        let total = partial.size() + reply.content_length().unwrap_or(0);
        let mut line = self.teller.of(&wanted.name, total);
        while let Some(piece) = reply
            .chunk()
            .await
            .map_err(|error| Error::Unreachable { address: shown(&wanted.url), reason: cause(&error) })?
        {
            partial.add(&piece)?;
            line.at(partial.size());
        }
        let ends_by_hanging_up = reply.version() <= Version::HTTP_11
            && reply.content_length().is_none()
            && !reply.headers().contains_key(TRANSFER_ENCODING);
        // As a cut does.
        if ends_by_hanging_up && wanted.size.is_some_and(|size| size != partial.size()) {
            return Err(Error::Unreachable {
                address: shown(&wanted.url),
                reason: "it ended too early".to_owned(),
            });
        }
        line.done();
        Ok(())
    }

    async fn once(
        &self,
        method: Method,
        url: &Url,
        said: Option<&str>,
        more: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response> {
        let local = url.host_str().is_some_and(crate::registry::is_local);
        let mut request = if local { &self.local } else { &self.http }.request(method, url.clone());
        if let Some(said) = said {
            // Not handed on to another host that this one sends us to.
            request = request.header(AUTHORIZATION, said);
        }
        let reply = more(request).send().await;
        let reply =
            reply.map_err(|error| Error::Unreachable { address: shown(url), reason: cause(&error) })?;
        if reply.status().is_success() {
            return Ok(reply);
        }
        let after =
            reply.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        Err(Error::Answered {
            address: shown(url),
            status: reply.status(),
            after: after.map(Duration::from_secs),
        })
    }
}

async fn persistently<T, F: Future<Output = Result<T>>>(attempt: impl Fn() -> F) -> Result<T> {
    let mut spent = 0;
    loop {
        match attempt().await {
            Ok(done) => return Ok(done),
            Err(error) => spent = pause(spent, error).await?,
        }
    }
}

/// Waits until it is worth trying again, after so many tries that came to nothing.
async fn pause(spent: u32, error: Error) -> Result<u32> {
    let after = match &error {
        Error::Unreachable { .. } => None,
        Error::Answered { status, after, .. } if status.is_server_error() || status.as_u16() == 429 => *after,
        _ => return Err(error),
    };
    if spent >= AGAIN || after.is_some_and(|after| after > OBLIGING) {
        return Err(error);
    }
    tokio::time::sleep(after.unwrap_or(PAUSE * 2_u32.pow(spent))).await;
    Ok(spent + 1)
}

/// The tag of an answer, if it is one that changes with every byte.
pub(super) fn strong_tag(reply: &Response) -> Option<String> {
    let tag = reply.headers().get(ETAG)?.to_str().ok()?.trim();
    (tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"')).then(|| tag.to_owned())
}

/// How many bytes there are, as an answer without them says; some say none.
pub(super) fn length(reply: &Response) -> Option<u64> {
    let length = reply.headers().get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()?;
    (length > 0).then_some(length)
}

/// Where a partial answer begins, by `Content-Range: bytes FIRST-LAST/ALL`.
fn begins(reply: &Response) -> Option<u64> {
    let range = reply.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    range.trim().strip_prefix("bytes")?.trim().split('-').next()?.parse().ok()
}

/// An address as it may be shown: what follows the path may be a key to it.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// The innermost reason: the outer ones say little but the address.
fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
