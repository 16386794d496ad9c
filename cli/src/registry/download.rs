//! One blob, received; where it is cut off it goes on from there.

use bytes::Bytes;
use reqwest::header::{CONTENT_RANGE, HeaderMap, RANGE};
use reqwest::{Client, Response, StatusCode};

use super::patience::Patience;
use super::{Error, Registry, Result};

/// A blob on its way here.
#[derive(Debug)]
pub struct Download<'a> {
    registry: &'a Registry,
    digest: String,
    size: u64,
    arrived: u64,
    reply: Option<Response>,
    /// What came with the last bytes that were skipped.
    ahead: Option<Bytes>,
    patience: Patience,
}

impl Registry {
    /// Begins to receive a blob of `size` bytes, from its byte `from` on; `None` where the registry has none of that
    /// digest.
    ///
    /// # Errors
    /// A registry that refuses, or that goes on failing.
    pub async fn download(&self, digest: &str, size: u64, from: u64) -> Result<Option<Download<'_>>> {
        let mut download = Download {
            registry: self,
            digest: digest.to_owned(),
            size,
            arrived: from,
            reply: None,
            ahead: None,
            patience: Patience::default(),
        };
        loop {
            match download.open().await {
                Ok(there) => return Ok(there.then_some(download)),
                Err(error) => download.patience.after(error).await?,
            }
        }
    }
}

impl Download<'_> {
    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// As for [`Registry::download`].
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            match self.attempt().await {
                Ok(piece) => {
                    if piece.is_some() {
                        self.patience.renew();
                    }
                    return Ok(piece);
                }
                Err(error) => {
                    (self.reply, self.ahead) = (None, None);
                    self.patience.after(error).await?;
                }
            }
        }
    }

    async fn attempt(&mut self) -> Result<Option<Bytes>> {
        if self.arrived >= self.size {
            return Ok(None);
        }
        if self.reply.is_none() && !self.open().await? {
            return Err(self.unreachable("it is gone"));
        }
        let Some(reply) = self.reply.as_mut() else { return Ok(None) };
        let piece = match self.ahead.take() {
            Some(piece) => Some(piece),
            None => self.registry.within(reply.chunk()).await?,
        };
        let Some(mut piece) = piece else { return Err(self.unreachable("it ended too early")) };
        // What goes beyond is none of the blob.
        piece.truncate(usize::try_from(self.size - self.arrived).unwrap_or(usize::MAX));
        self.arrived += piece.len() as u64;
        Ok(Some(piece))
    }

    /// Asks for what is missing; whether there is such a blob.
    async fn open(&mut self) -> Result<bool> {
        let from = self.arrived;
        let make = |http: &Client, url| {
            let request = http.get(url);
            if from == 0 { request } else { request.header(RANGE, format!("bytes={from}-")) }
        };
        let mut reply =
            self.registry.send(self.registry.url(&format!("blobs/{}", self.digest)), make, None).await?;
        match reply.status() {
            StatusCode::NOT_FOUND => return Ok(false),
            status if !status.is_success() => {
                return Err(self.registry.refusal(reply, "a request for a layer").await.of_reading());
            }
            StatusCode::PARTIAL_CONTENT => {
                let begins = begins(reply.headers()).unwrap_or(from);
                let Some(before) = from.checked_sub(begins) else {
                    return Err(self.unreachable("it leaves something out where it should go on"));
                };
                self.ahead = self.skip(&mut reply, before).await?;
            }
            // One that knows no ranges begins at the beginning.
            _ => self.ahead = self.skip(&mut reply, from).await?,
        }
        self.reply = Some(reply);
        Ok(true)
    }

    /// Skips `rest` bytes; what came along with the last of them.
    async fn skip(&self, reply: &mut Response, mut rest: u64) -> Result<Option<Bytes>> {
        while rest > 0 {
            let Some(mut piece) = self.registry.within(reply.chunk()).await? else {
                return Err(self.unreachable("it ended too early"));
            };
            let skipped = piece.len().min(usize::try_from(rest).unwrap_or(usize::MAX));
            rest -= skipped as u64;
            let ahead = piece.split_off(skipped);
            if !ahead.is_empty() {
                return Ok(Some(ahead));
            }
        }
        Ok(None)
    }

    fn unreachable(&self, reason: &str) -> Error {
        Error::Unreachable { registry: self.registry.host().to_owned(), reason: reason.to_owned() }
    }
}

/// Where a part begins, by `Content-Range: bytes FIRST-LAST/ALL`.
fn begins(headers: &HeaderMap) -> Option<u64> {
    let value = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    value.trim().strip_prefix("bytes ")?.split_once('-')?.0.trim().parse().ok()
}
