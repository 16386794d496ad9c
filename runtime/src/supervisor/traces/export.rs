//! Takes ended spans to whoever collects them: several at a time, again where it is of use, and never in anybody's way.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::context::TraceId;
use super::otlp::{self, Span};
use super::settings::TraceSettings;
use crate::journal;
use crate::supervisor::net::{Client, Content, Fault, Request, Url};

/// How many spans wait; those that come while so many do are lost.
const MOST_WAITING: usize = 4096;
/// How many spans one export has.
const MOST_TOGETHER: usize = 512;
/// How often an export is tried.
const TRIES: u32 = 4;
/// How long after the first try the second one is made; then twice as long, and so on.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

pub(super) struct Exporter(Sender<Parcel>);

enum Parcel {
    Span(TraceId, Box<Span>),
    Flush(oneshot::Sender<()>),
}

impl Exporter {
    /// Starts its thread; `None`, and a line in the log, if nothing can ever be sent.
    pub(super) fn start(settings: TraceSettings, client: Client) -> Option<Self> {
        let url = match Url::parse(&settings.endpoint) {
            Ok(url) => url,
            Err(fault) => {
                journal::error(&format!("no traces are sent: the endpoint for OTLP: {fault}"));
                return None;
            }
        };
        let (sender, parcels) = channel(MOST_WAITING);
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(Van { url, client, settings, load: Vec::new() }.drive(parcels));
            std::io::Result::Ok(())
        };
        let started = std::thread::Builder::new().name("traces".into()).spawn(move || {
            if let Err(error) = work() {
                journal::error(&format!("no traces are sent: {error}"));
            }
        });
        if let Err(error) = started {
            journal::error(&format!("no traces are sent: {error}"));
            return None;
        }
        Some(Self(sender))
    }

    pub(super) fn take(&self, trace: TraceId, span: Span) {
        // A collector that is too slow or down costs spans, not predictions.
        let _lost = self.0.try_send(Parcel::Span(trace, Box::new(span)));
    }

    pub(super) async fn flush(&self, limit: Duration) {
        let (done, flushed) = oneshot::channel();
        let flush = async {
            if self.0.send(Parcel::Flush(done)).await.is_ok() {
                let _gone = flushed.await;
            }
        };
        let _too_late = tokio::time::timeout(limit, flush).await;
    }
}

struct Van {
    url: Url,
    client: Client,
    settings: TraceSettings,
    load: Vec<(TraceId, Span)>,
}

impl Van {
    async fn drive(mut self, mut parcels: Receiver<Parcel>) {
        let mut leave = Instant::now();
        loop {
            let next = tokio::select! {
                biased;
                next = parcels.recv() => next,
                () = tokio::time::sleep_until(leave), if !self.load.is_empty() => {
                    self.deliver().await;
                    continue;
                }
            };
            match next {
                Some(Parcel::Span(trace, span)) => {
                    if self.load.is_empty() {
                        leave = Instant::now() + self.settings.delay;
                    }
                    self.load.push((trace, *span));
                    if self.load.len() >= MOST_TOGETHER {
                        self.deliver().await;
                    }
                }
                Some(Parcel::Flush(done)) => {
                    self.deliver().await;
                    let _left = done.send(());
                }
                None => return,
            }
        }
    }

    /// Delivers the load, or gives it up.
    async fn deliver(&mut self) {
        let load = std::mem::take(&mut self.load);
        if load.is_empty() {
            return;
        }
        let body = otlp::body(&self.settings.resource, &load).to_string();
        let request = Request {
            method: Method::POST,
            url: self.url.clone(),
            headers: headers(&self.settings.headers),
            content: Content::Bytes(body.into()),
            patience: self.settings.timeout,
        };
        let mut pause = FIRST_PAUSE;
        for attempt in 1..=TRIES {
            let fault = match self.attempt(&request).await {
                Ok(()) => return,
                Err((fault, again)) if again && attempt < TRIES => fault,
                Err((fault, _)) => {
                    journal::warn(&format!("{} spans were not taken: {fault}", load.len()));
                    return;
                }
            };
            journal::debug(&format!("spans are sent again: {fault}"));
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    /// Sends once; a failure says whether another try may be of use.
    async fn attempt(&self, request: &Request) -> Result<(), (String, bool)> {
        match self.client.send(request.clone()).await {
            Ok((response, _)) if response.status().is_success() => Ok(()),
            Ok((response, url)) => {
                let status = response.status();
                let again = matches!(status.as_u16(), 429 | 502 | 503 | 504);
                Err((format!("{url} answered {status}"), again))
            }
            Err(Fault::Refused(fault)) => Err((fault, false)),
            Err(Fault::Failed(fault)) => Err((fault, true)),
        }
    }
}

fn headers(given: &[(String, String)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => {
                headers.insert(name, value);
            }
            // Not its value: it may be a credential.
            _ => journal::warn(&format!("the header `{name}` for OTLP is none; it is left out")),
        }
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers
}
