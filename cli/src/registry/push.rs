//! A whole image, sent: its blobs side by side, then its manifest, which gives it its name.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use reqwest::StatusCode;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::patience::patiently;
use super::read::ACCEPT;
use super::upload::upload;
use super::{Blob, Error, Registry, Result};
use crate::engine::{Event, LayerState, Progress};

const DIGEST: &str = "docker-content-digest";

/// An image to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Layers and configuration.
    pub blobs: Vec<Blob>,
    /// The manifest, as bytes.
    pub manifest: Vec<u8>,
    /// Its media type.
    pub media_type: String,
    /// `sha256:…` of the manifest.
    pub digest: String,
}

/// What is told of blobs under way.
#[derive(Debug, Clone)]
pub(super) struct Teller(UnboundedSender<Event>);

impl Teller {
    pub(super) fn tell(&self, blob: &Blob, state: LayerState, current: u64) {
        let name = blob.digest.trim_start_matches("sha256:");
        let id = name.get(..12).unwrap_or(name).to_owned();
        // Whoever waits for the push is gone with it.
        let _unheard = self.0.send(Event::Layer { id, state, current, total: blob.size });
    }
}

impl Registry {
    /// Sends an image and names it `tag`; whether it was there already under that name. What is there is not sent
    /// again, and a part that was cut off goes on where it was. The name comes last: whatever fails before, it stands
    /// for what it stood for.
    ///
    /// # Errors
    /// A registry that refuses, or that goes on failing for some minutes.
    pub async fn push(&self, parcel: &Parcel, tag: &str, progress: &mut dyn Progress) -> Result<bool> {
        match self.tagged(tag).await {
            Ok(Some(there)) if there == parcel.digest => return Ok(true),
            // One may be let write what one may not read.
            Ok(_) | Err(Error::Hidden { .. }) => {}
            Err(error) => return Err(error),
        }
        let (sender, mut events) = unbounded_channel();
        let teller = Teller(sender);
        let turns = Semaphore::new(self.sending.concurrency);
        let mut blobs: Vec<&Blob> = parcel.blobs.iter().collect();
        blobs.sort_by(|one, other| other.size.cmp(&one.size).then_with(|| one.digest.cmp(&other.digest)));
        blobs.dedup_by(|one, other| one.digest == other.digest);
        for blob in &blobs {
            teller.tell(blob, LayerState::Waiting, 0);
        }
        let mut work: FuturesUnordered<_> = blobs
            .into_iter()
            .map(|blob| {
                let (teller, turns) = (&teller, &turns);
                async move {
                    let _turn = turns.acquire().await;
                    upload(self, blob, teller).await
                }
            })
            .collect();
        loop {
            tokio::select! {
                biased;
                Some(event) = events.recv() => progress.event(event),
                done = work.next() => match done {
                    Some(done) => done?,
                    None => break,
                },
            }
        }
        while let Ok(event) = events.try_recv() {
            progress.event(event);
        }
        self.put(&parcel.manifest, &parcel.media_type, &parcel.digest, tag).await?;
        self.note(parcel.blobs.iter().map(|blob| blob.digest.as_str()));
        Ok(false)
    }

    /// Sends a manifest whose parts are there, and names it `tag`.
    ///
    /// # Errors
    /// As for [`Registry::push`].
    pub async fn put(&self, manifest: &[u8], media_type: &str, digest: &str, tag: &str) -> Result<()> {
        patiently(|| self.name(manifest, media_type, digest, tag)).await
    }

    /// The digest that `tag` stands for.
    ///
    /// # Errors
    /// As for [`Registry::push`], and a registry that does not show it.
    pub async fn tagged(&self, tag: &str) -> Result<Option<String>> {
        patiently(|| self.ask_for(tag)).await
    }

    /// Whether it has the manifest of that digest.
    ///
    /// # Errors
    /// As for [`Registry::push`].
    pub async fn holds(&self, digest: &str) -> Result<bool> {
        patiently(|| self.ask_whether(digest)).await
    }

    async fn ask_whether(&self, digest: &str) -> Result<bool> {
        let make = |http: &reqwest::Client, url| http.head(url).header("accept", ACCEPT);
        let reply = self.send(self.url(&format!("manifests/{digest}")), make, None).await?;
        match reply.status() {
            status if status.is_success() => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            // One may be let write what one may not read.
            StatusCode::FORBIDDEN => Ok(false),
            _ => Err(self.refusal(reply, "a question for a manifest").await),
        }
    }

    async fn ask_for(&self, tag: &str) -> Result<Option<String>> {
        let make = |http: &reqwest::Client, url| http.head(url).header("accept", ACCEPT);
        let reply = self.send(self.url(&format!("manifests/{tag}")), make, None).await?;
        match reply.status() {
            status if status.is_success() => {
                Ok(reply.headers().get(DIGEST).and_then(|value| value.to_str().ok()).map(str::to_owned))
            }
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(self.refusal(reply, "a question for the image").await.of_reading()),
        }
    }

    async fn name(&self, manifest: &[u8], media_type: &str, digest: &str, tag: &str) -> Result<()> {
        let make = |http: &reqwest::Client, url| {
            http.put(url).header("content-type", media_type).body(manifest.to_vec())
        };
        let reply = self.send(self.url(&format!("manifests/{tag}")), make, None).await?;
        if !reply.status().is_success() {
            return Err(self.refusal(reply, "the manifest").await);
        }
        self.compare(reply.headers(), digest)
    }

    /// Compares the digest that the registry names, if it does, with that of what was sent.
    pub(super) fn compare(&self, headers: &reqwest::header::HeaderMap, ours: &str) -> Result<()> {
        match headers.get(DIGEST).and_then(|value| value.to_str().ok()) {
            Some(theirs) if theirs != ours => Err(Error::Corrupted {
                registry: self.host().to_owned(),
                theirs: theirs.to_owned(),
                ours: ours.to_owned(),
            }),
            _ => Ok(()),
        }
    }
}
