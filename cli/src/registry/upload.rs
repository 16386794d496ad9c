//! One blob, sent in pieces, each of which is confirmed; a cut costs the piece that was under way at most.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, LOCATION, RANGE};
use reqwest::{Body, Client, Response, StatusCode, Url};

use super::client::SILENCE;
use super::patience::Patience;
use super::push::Teller;
use super::unfinished::Unfinished;
use super::{Blob, Error, Registry, Result};
use crate::engine::LayerState;

/// Bytes that a registry puts together in a second, at least.
const PUT_TOGETHER: u64 = 32 << 20;
/// Room that a registry's limit must leave for what surrounds a piece.
const MARGIN: u64 = 64 << 10;

/// How often a blob is sent as a whole to a registry that says it got something else.
const SPOILT: u32 = 3;

/// An upload that the registry knows of.
#[derive(Debug)]
struct Session {
    /// Where it goes on.
    place: Url,
    /// Bytes that have arrived.
    arrived: u64,
    /// Bytes of a piece.
    piece: u64,
}

/// Sends a blob, unless it is there. What another run of this program has sent of it is not sent again.
pub(super) async fn upload(registry: &Registry, blob: &Blob, teller: &Teller) -> Result<()> {
    let target = format!("{}/{}@{}", registry.host(), registry.repository(), blob.digest);
    let mut work = Work { registry, blob, teller, session: None, note: Unfinished::of(&target, blob.size) };
    let mut patience = Patience::default();
    let (mut furthest, mut spoilt) = (0, 0);
    loop {
        let error = match work.attempt().await {
            Ok(state) => {
                if let Some(note) = work.note {
                    note.done();
                }
                teller.tell(blob, state, blob.size);
                return Ok(());
            }
            Err(error) => error,
        };
        // What is sent a second time is no progress.
        if work.arrived() > furthest {
            furthest = work.arrived();
            patience.renew();
        }
        match error {
            Error::Corrupted { .. } => {
                work.begin_anew();
                // Here, or on the way?
                blob.sound().await?;
                spoilt += 1;
                if spoilt == SPOILT {
                    return Err(error);
                }
            }
            Error::Forgotten { .. } => work.begin_anew(),
            _ => {}
        }
        patience.after(error).await?;
    }
}

/// One blob under way.
struct Work<'a> {
    registry: &'a Registry,
    blob: &'a Blob,
    teller: &'a Teller,
    session: Option<Session>,
    note: Option<Unfinished>,
}

/// How an upload begins.
enum Begun {
    /// The registry has the blob, from another of its repositories.
    Mounted,
    /// It is to be sent.
    Open(Session),
}

impl Work<'_> {
    fn arrived(&self) -> u64 {
        self.session.as_ref().map_or(0, |session| session.arrived)
    }

    fn begin_anew(&mut self) {
        self.session = None;
        if let Some(note) = &mut self.note {
            note.forget();
        }
    }

    fn keep(&mut self) {
        if let (Some(note), Some(session)) = (&mut self.note, &self.session) {
            note.note(&session.place, session.piece);
        }
    }

    async fn attempt(&mut self) -> Result<LayerState> {
        // One that is open was cut off; one that is forgotten, as when a registry starts anew, is none.
        if let Some(known) = self.session.as_mut()
            && !ask(self.registry, known).await?
        {
            self.begin_anew();
        }
        if self.session.is_none() {
            if self.registry.has(&self.blob.digest).await? {
                return Ok(LayerState::Exists);
            }
            self.session = self.former().await?;
        }
        if self.session.is_none() {
            match begin(self.registry, self.blob).await? {
                Begun::Mounted => return Ok(LayerState::Exists),
                Begun::Open(session) => self.session = Some(session),
            }
        }
        self.keep();
        self.send().await
    }

    /// What another run of this program began, as far as the registry still knows of it.
    async fn former(&mut self) -> Result<Option<Session>> {
        let Some((place, piece)) = self.note.as_mut().and_then(Unfinished::read) else { return Ok(None) };
        // What the registry said of its limits, unless less is asked for by now.
        let piece = piece.clamp(1, size_of_piece(self.registry, self.blob, None));
        let mut session = Session { place, arrived: 0, piece };
        match ask(self.registry, &mut session).await {
            Ok(true) if session.arrived <= self.blob.size => return Ok(Some(session)),
            Err(error) if error.is_passing() => return Err(error),
            _ => {}
        }
        self.begin_anew();
        Ok(None)
    }

    async fn send(&mut self) -> Result<LayerState> {
        let (registry, blob) = (self.registry, self.blob);
        while let Some(open) = self.session.as_mut()
            && open.arrived < blob.size
        {
            self.teller.tell(blob, LayerState::Moving, open.arrived);
            match send_piece(registry, blob, self.teller, open).await {
                Err(Error::Answered { status, .. })
                    if matches!(status.as_u16(), 400 | 416) && open.piece < blob.size =>
                {
                    // It takes no pieces: everything at once, then.
                    self.begin_anew();
                    if let Begun::Open(session) = begin(registry, blob).await? {
                        self.session = Some(Session { piece: blob.size, ..session });
                    }
                }
                result => result?,
            }
            self.keep();
        }
        match &self.session {
            Some(session) => finish(registry, blob, session).await.map(|()| LayerState::Done),
            None => Ok(LayerState::Exists),
        }
    }
}

impl Registry {
    /// Whether it has a blob of that digest.
    ///
    /// # Errors
    /// It answers with something else.
    pub async fn has(&self, digest: &str) -> Result<bool> {
        let url = self.url(&format!("blobs/{digest}"));
        let reply = self.send(url, |http: &Client, url| http.head(url), None).await?;
        match reply.status() {
            status if status.is_success() => Ok(true),
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Ok(false),
            _ => Err(self.refusal(reply, "a question for a layer").await),
        }
    }
}

/// Begins an upload: by a mount where another repository has the blob, else from nothing.
async fn begin(registry: &Registry, blob: &Blob) -> Result<Begun> {
    if let Some(from) = registry.elsewhere(&blob.digest) {
        let mut url = registry.url("blobs/uploads/");
        url.query_pairs_mut().append_pair("mount", &blob.digest).append_pair("from", from);
        match open(registry, blob, url).await {
            Ok(begun) => return Ok(begun),
            Err(error) if error.is_passing() => return Err(error),
            // One may be let write here and not read there: what counts is the upload itself.
            Err(_) => {}
        }
    }
    open(registry, blob, registry.url("blobs/uploads/")).await
}

async fn open(registry: &Registry, blob: &Blob, url: Url) -> Result<Begun> {
    let make = |http: &Client, url| http.post(url).header(CONTENT_LENGTH, 0);
    let reply = registry.send(url, make, None).await?;
    match reply.status() {
        StatusCode::CREATED => registry.compare(reply.headers(), &blob.digest).map(|()| Begun::Mounted),
        StatusCode::ACCEPTED => {
            let piece = size_of_piece(registry, blob, Some(reply.headers()));
            Ok(Begun::Open(Session { place: place(registry, reply.headers())?, arrived: 0, piece }))
        }
        // Of an upload that is yet to begin nothing else can be missing.
        StatusCode::NOT_FOUND => Err(registry.no_repository()),
        _ => Err(registry.refusal(reply, "the start of an upload").await),
    }
}

/// Bytes to be sent at once: what was asked for, within what the registry allows.
fn size_of_piece(registry: &Registry, blob: &Blob, said: Option<&HeaderMap>) -> u64 {
    let limit = |name: &str| said?.get(name)?.to_str().ok()?.parse::<u64>().ok();
    let sending = registry.sending;
    let mut piece = if blob.size <= sending.threshold { blob.size } else { sending.piece };
    if let Some(most) = limit("oci-chunk-max-length") {
        piece = piece.min(most.saturating_sub(MARGIN).max(1));
    }
    if let Some(least) = limit("oci-chunk-min-length") {
        piece = piece.max(least);
    }
    piece.clamp(1, blob.size.max(1))
}

/// Asks how much has arrived; whether the registry tells of the upload.
async fn ask(registry: &Registry, session: &mut Session) -> Result<bool> {
    let reply = registry.send(session.place.clone(), |http: &Client, url| http.get(url), None).await?;
    match reply.status() {
        status if status.is_success() => {
            session.arrived = arrived(reply.headers()).unwrap_or(0);
            if reply.headers().contains_key(LOCATION) {
                session.place = place(registry, reply.headers())?;
            }
            Ok(true)
        }
        _ => match registry.refusal(reply, "a question for an upload").await {
            error if error.is_passing() => Err(error),
            // Forgotten, or at a place that takes bytes and no questions: what is really refused, the next one is, too.
            _ => Ok(false),
        },
    }
}

async fn send_piece(registry: &Registry, blob: &Blob, teller: &Teller, session: &mut Session) -> Result<()> {
    let (from, to) = (session.arrived, blob.size.min(session.arrived + session.piece));
    let moved = Arc::new(AtomicU64::new(0));
    let whole = from == 0 && to == blob.size;
    let make = |http: &Client, url| {
        let body = Body::wrap_stream(read(blob.clone(), from..to, teller.clone(), Arc::clone(&moved)));
        let request = http
            .patch(url)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, to - from)
            .body(body);
        if whole { request } else { request.header(CONTENT_RANGE, format!("{from}-{}", to - 1)) }
    };
    let sent = registry.send(session.place.clone(), make, Some(&moved)).await;
    // A file that went away shows as a broken body, and is no fault of the registry's.
    blob.whole().await?;
    let reply = sent?;
    if !reply.status().is_success() {
        return Err(refusal(registry, reply, "a piece of a layer").await);
    }
    session.arrived = arrived(reply.headers()).filter(|arrived| *arrived > from).unwrap_or(to);
    if reply.headers().contains_key(LOCATION) {
        session.place = place(registry, reply.headers())?;
    }
    Ok(())
}

async fn finish(registry: &Registry, blob: &Blob, session: &Session) -> Result<()> {
    let mut url = session.place.clone();
    url.query_pairs_mut().append_pair("digest", &blob.digest);
    let make = |http: &Client, url| {
        let request = http.put(url).header(CONTENT_LENGTH, 0);
        match &blob.media_type {
            Some(kind) => request.header("OCI-Layer-Media-Type", kind),
            None => request,
        }
    };
    // Some put it together only now.
    let patience = SILENCE + Duration::from_secs(blob.size / PUT_TOGETHER);
    let reply = registry.send_within(patience, url, make, None).await?;
    if reply.status().is_success() {
        return registry.compare(reply.headers(), &blob.digest);
    }
    match refusal(registry, reply, "the end of an upload").await {
        Error::Answered { reason, status: StatusCode::BAD_REQUEST, .. } => Err(Error::Corrupted {
            registry: registry.host().to_owned(),
            theirs: format!("something else ({reason})"),
            ours: blob.digest.clone(),
        }),
        error => Err(error),
    }
}

/// An answer to a part of an upload that is not the one hoped for, as an error.
async fn refusal(registry: &Registry, reply: Response, action: &str) -> Error {
    match registry.refusal(reply, action).await {
        Error::Answered { status: StatusCode::NOT_FOUND, .. } => {
            Error::Forgotten { registry: registry.host().to_owned() }
        }
        error => error,
    }
}

/// The bytes of `range`, as they are read.
fn read(
    blob: Blob,
    range: std::ops::Range<u64>,
    teller: Teller,
    moved: Arc<AtomicU64>,
) -> BoxStream<'static, std::io::Result<Bytes>> {
    let mut at = range.start;
    blob.read(range)
        .inspect(move |bytes| {
            if let Ok(bytes) = bytes {
                at += bytes.len() as u64;
                moved.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                teller.tell(&blob, LayerState::Moving, at);
            }
        })
        .boxed()
}

/// How much has arrived, by `Range: 0-LAST`. A registry with nothing says `0-0`, too.
fn arrived(headers: &HeaderMap) -> Option<u64> {
    let value = headers.get(RANGE)?.to_str().ok()?;
    let (_, last) = value.trim_start_matches("bytes=").split_once('-')?;
    match last.trim().parse::<u64>().ok()? {
        0 => Some(0),
        last => last.checked_add(1),
    }
}

fn place(registry: &Registry, headers: &HeaderMap) -> Result<Url> {
    let place = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    match place {
        Some(place) => registry.resolve(place),
        None => Err(Error::Nonsense {
            registry: registry.host().to_owned(),
            reason: "it does not say where an upload goes".to_owned(),
        }),
    }
}
