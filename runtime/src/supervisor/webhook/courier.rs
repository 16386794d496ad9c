//! Who takes messages to their receivers: in order for each prediction, again where it went wrong.
//!
//! On a thread of its own, so that neither TLS nor a slow receiver is felt by anybody else. Whoever receives gets
//! whole snapshots; when one is too slow for all of them, those in between are left out.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot, watch};

use super::Target;
use super::load::{Load, Weight};
use super::outbox::{Entry, Outbox};
use crate::document::VERSION;
use crate::journal::{self, About};
use crate::settings::Settings;
use crate::supervisor::net::{Client, Content, Fault, Request, Url};
use crate::supervisor::traces::{self, Errand, Tracer};

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a message is sent again.
const MOST_RETRIES: u32 = 12;
/// How many messages of one prediction may wait.
const MOST_WAITING: usize = 32;
/// How often it is looked whether another server has left something, and whether it is time for what is put off.
const ROUND: Duration = Duration::from_secs(30);
/// How long a last word in the outbox is put off that did not arrive.
const PUT_OFF: Duration = Duration::from_secs(600);
/// How old a last word may get.
const MOST_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// A message to a receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    /// The name that stays the same in every attempt.
    pub(super) id: String,
    /// Its place among the prediction's messages.
    pub(super) sequence: u64,
    /// JSON.
    pub(super) body: String,
    /// Whether it is the last word, which has to arrive.
    pub(super) terminal: bool,
}

/// Takes messages to receivers.
pub(super) struct Courier {
    thread: Handle,
    office: Arc<Office>,
}

/// How an attempt to deliver a message for good came out.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It has arrived, or a newer one says the same.
    Settled,
    /// It will never be taken.
    Refused,
    /// Its receiver was not there.
    Missed,
}

/// What all deliveries share.
struct Office {
    client: Client,
    tracer: Tracer,
    settings: Arc<Settings>,
    outbox: Option<Outbox>,
    /// How many predictions have messages that are still to be delivered.
    open: watch::Sender<usize>,
    counts: Counts,
    load: Load,
    /// Last words in the outbox that are tried again later, and when.
    put_off: Mutex<Vec<(Instant, PathBuf)>>,
}

/// What became of messages so far.
#[derive(Default)]
struct Counts {
    delivered: AtomicU64,
    retries: AtomicU64,
    given_up: AtomicU64,
}

/// One prediction's way to its receiver. Dropped, no more follows.
pub(super) struct Line {
    waiting: Arc<Waiting>,
    office: Arc<Office>,
}

/// A message with what it weighs.
type Weighed = (Arc<Message>, Weight);

struct Waiting {
    /// The messages, and whether they are all.
    messages: Mutex<(VecDeque<Weighed>, bool)>,
    changed: Notify,
    /// The last word is among them.
    ended: Notify,
}

impl Courier {
    /// Starts the thread, and what an earlier life of this server left in the outbox.
    ///
    /// # Errors
    /// No thread, or no runtime for it.
    pub(super) fn start(settings: Arc<Settings>, tracer: Tracer) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = runtime.handle().clone();
        let outbox = settings.webhook_outbox.as_deref().and_then(|folder| {
            let outbox = Outbox::open(folder);
            outbox
                .map_err(|error| journal::error(&format!("COG_WEBHOOK_OUTBOX cannot be used: {error}")))
                .ok()
        });
        let client = Client::new(&settings).called(&format!("coglet/{VERSION}"));
        let office = Arc::new(Office {
            client,
            tracer,
            settings,
            outbox,
            open: watch::Sender::new(0),
            counts: Counts::default(),
            load: Load::new(),
            put_off: Mutex::default(),
        });
        std::thread::Builder::new()
            .name("webhooks".into())
            .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
        if office.outbox.is_some() {
            office.look_around(&thread);
            let (office, rounds) = (Arc::downgrade(&office), thread.clone());
            thread.spawn(async move {
                loop {
                    tokio::time::sleep(ROUND).await;
                    let Some(office) = office.upgrade() else { return };
                    office.look_around(&rounds);
                }
            });
        }
        Ok(Self { thread, office })
    }

    /// Opens a line. `unfinished` is the message that is to be sent if this server dies before the last word; where
    /// there is an outbox, the receiver is told when it lies there.
    pub(super) fn open_line(
        &self,
        target: Target,
        unfinished: Option<Message>,
    ) -> (Line, Option<oneshot::Receiver<()>>) {
        let (told, kept) = oneshot::channel();
        let unfinished = unfinished.filter(|_| self.keeps());
        let kept = unfinished.is_some().then_some(kept);
        let line = self.office.open(&self.thread, target, |office, target, waiting| async move {
            let mut entry = None;
            if let Some(message) = unfinished {
                office.keep(&mut entry, &target, &message);
                let _left = told.send(());
            }
            office.serve(target, waiting, entry, false).await;
        });
        (line, kept)
    }

    /// How many messages were delivered, sent again and given up so far.
    pub(super) fn counts(&self) -> [u64; 3] {
        let Counts { delivered, retries, given_up } = &self.office.counts;
        [delivered, retries, given_up].map(|count| count.load(Ordering::Relaxed))
    }

    /// How many predictions have messages that are still to be delivered.
    pub(super) fn unfinished(&self) -> watch::Receiver<usize> {
        self.office.open.subscribe()
    }

    /// Whether so much waits to be delivered that nothing should be added.
    pub(super) fn is_overloaded(&self) -> bool {
        self.office.load.is_heavy()
    }

    /// Whether what is not delivered in this life is kept for the next.
    pub(super) fn keeps(&self) -> bool {
        self.office.outbox.is_some()
    }
}

impl Line {
    /// Gives it a message. Where too many wait, the last of them, which this one says again, is dropped.
    pub(super) fn push(&self, message: Message) {
        let weight = self.office.load.take(message.body.len());
        let terminal = message.terminal;
        let mut messages = self.waiting.lock();
        if self.office.load.is_heavy() {
            messages.0.clear();
        }
        if messages.0.len() >= MOST_WAITING {
            messages.0.pop_back();
        }
        messages.0.push_back((Arc::new(message), weight));
        drop(messages);
        self.waiting.changed.notify_one();
        if terminal {
            self.waiting.ended.notify_one();
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.waiting.lock().1 = true;
        self.waiting.changed.notify_one();
    }
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, (VecDeque<Weighed>, bool)> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn next(&self) -> Option<Weighed> {
        loop {
            {
                let mut messages = self.lock();
                match (messages.0.pop_front(), messages.1) {
                    (Some(message), _) => return Some(message),
                    (None, true) => return None,
                    (None, false) => {}
                }
            }
            self.changed.notified().await;
        }
    }

    /// Comes back when something newer waits.
    async fn newer(&self) {
        while self.lock().0.is_empty() {
            self.changed.notified().await;
        }
    }

    /// Comes back with the last word when it waits.
    async fn last_word(&self) -> Arc<Message> {
        loop {
            let last = self.lock().0.back().map(|(message, _)| Arc::clone(message));
            if let Some(message) = last.filter(|message| message.terminal) {
                return message;
            }
            self.ended.notified().await;
        }
    }
}

impl Office {
    fn open<F: Future<Output = ()> + Send + 'static>(
        self: &Arc<Self>,
        thread: &Handle,
        target: Target,
        serve: impl FnOnce(Arc<Self>, Target, Arc<Waiting>) -> F,
    ) -> Line {
        let waiting =
            Arc::new(Waiting { messages: Mutex::default(), changed: Notify::new(), ended: Notify::new() });
        self.open.send_modify(|open| *open += 1);
        thread.spawn(serve(Arc::clone(self), target, Arc::clone(&waiting)));
        Line { waiting, office: Arc::clone(self) }
    }

    /// Delivers what servers that are no more have left, and what it is time for again.
    fn look_around(self: &Arc<Self>, thread: &Handle) {
        let Some(outbox) = &self.outbox else { return };
        let left = outbox.left_behind();
        if !left.is_empty() {
            journal::info(&format!("{} webhooks of an earlier run are delivered now", left.len()));
        }
        let due: Vec<PathBuf> = {
            let now = Instant::now();
            let mut put_off = self.put_off();
            put_off.extract_if(.., |(when, _)| *when <= now).map(|(_, path)| path).collect()
        };
        let again = due.into_iter().filter_map(|path| Entry::at(path).ok());
        for (target, message, entry) in left.into_iter().chain(again) {
            self.open(thread, target, |office, target, waiting| {
                office.serve(target, waiting, Some(entry), true)
            })
            .push(message);
        }
    }

    fn put_off(&self) -> MutexGuard<'_, Vec<(Instant, PathBuf)>> {
        self.put_off.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers what is waiting until no more follows. `lies` says whether the entry holds the last word already.
    async fn serve(
        self: Arc<Self>,
        target: Target,
        waiting: Arc<Waiting>,
        mut entry: Option<Entry>,
        mut lies: bool,
    ) {
        let mut fate = Fate::Settled;
        while let Some((message, _weight)) = waiting.next().await {
            if message.terminal && !lies {
                self.keep(&mut entry, &target, &message);
            }
            let delivery = self.deliver(&target, &message, &waiting);
            tokio::pin!(delivery);
            fate = tokio::select! {
                fate = &mut delivery => fate,
                // Its turn comes late where the receiver takes its time with this one.
                last = waiting.last_word(), if !message.terminal && !lies => {
                    self.keep(&mut entry, &target, &last);
                    lies = true;
                    delivery.await
                }
            };
        }
        self.close(entry, &fate);
    }

    /// No message follows: what lies in the outbox has been delivered, is never to be, or is put off.
    fn close(&self, entry: Option<Entry>, fate: &Fate) {
        match entry {
            Some(entry) if *fate == Fate::Missed && entry.age() < MOST_AGE => {
                self.put_off().push((Instant::now() + PUT_OFF, entry.stay()));
            }
            Some(entry) if *fate == Fate::Missed => {
                self.counts.given_up.fetch_add(1, Ordering::Relaxed);
                journal::error("a webhook that nobody took for a day is given up");
                drop(entry);
            }
            entry => drop(entry),
        }
        self.open.send_modify(|open| *open -= 1);
    }

    /// Writes the message to the outbox, if there is one, in place of what this prediction had there.
    fn keep(&self, entry: &mut Option<Entry>, target: &Target, message: &Message) {
        let Some(outbox) = &self.outbox else { return };
        let kept = match entry {
            Some(entry) => entry.replace(target, message),
            None => outbox.keep(target, message).map(|kept| *entry = Some(kept)),
        };
        if let Err(error) = kept {
            journal::error(&format!("a webhook could not be kept in the outbox: {error}"));
        }
    }

    /// Sends the message until it has arrived, or cannot, or says nothing that a newer one does not.
    async fn deliver(&self, target: &Target, message: &Message, waiting: &Waiting) -> Fate {
        let errand = self.tracer.errand("webhook", &target.trace);
        let trace = errand.as_ref().map(Errand::headers);
        let mut tries = 0;
        let (fate, fault) =
            self.carry(target, message, waiting, trace.as_deref().unwrap_or(&target.trace), &mut tries).await;
        if let Some(errand) = errand {
            let attributes = vec![
                ("cog.prediction.id", Value::from(target.prediction.as_str())),
                ("cog.webhook.sequence", Value::from(message.sequence)),
                ("cog.webhook.tries", Value::from(tries)),
            ];
            errand.end(attributes, fault);
        }
        fate
    }

    /// The same, and what went wrong last.
    async fn carry(
        &self,
        target: &Target,
        message: &Message,
        waiting: &Waiting,
        trace: &[(String, String)],
        tries: &mut u32,
    ) -> (Fate, Option<String>) {
        let trace_id = traces::trace_id(&target.trace);
        let about = About { prediction: &target.prediction, trace: trace_id.as_deref() };
        let url = match Url::parse(&target.url) {
            Ok(url) => url,
            Err(fault) => {
                about.warn(&format!("webhook not sent: {fault}"));
                self.counts.given_up.fetch_add(1, Ordering::Relaxed);
                return (Fate::Refused, Some(fault));
            }
        };
        let mut last = String::new();
        let mut fate = Fate::Missed;
        for retry in 0..=MOST_RETRIES {
            if retry > 0 {
                let pause = tokio::time::sleep(Duration::from_millis(100) * 2u32.pow(retry.min(10)));
                tokio::pin!(pause);
                tokio::select! {
                    () = &mut pause => {}
                    () = waiting.newer(), if !message.terminal => return (Fate::Settled, Some(last)),
                }
                self.counts.retries.fetch_add(1, Ordering::Relaxed);
            }
            *tries += 1;
            match self.attempt(&url, trace, message).await {
                Ok(()) => {
                    self.counts.delivered.fetch_add(1, Ordering::Relaxed);
                    return (Fate::Settled, None);
                }
                Err((fault, again)) => {
                    about.warn(&format!("webhook {} to {url} (try {tries}): {fault}", message.id));
                    last = fault;
                    if !again {
                        fate = Fate::Refused;
                        break;
                    }
                }
            }
        }
        if fate == Fate::Missed && message.terminal && self.outbox.is_some() {
            about.warn(&format!(
                "webhook {} to {url} stays in the outbox and is tried again later",
                message.id
            ));
        } else {
            self.counts.given_up.fetch_add(1, Ordering::Relaxed);
            about.error(&format!("webhook {} to {url} is given up", message.id));
        }
        (fate, Some(last))
    }

    /// Sends it once. The error says whether another try may end better.
    async fn attempt(
        &self,
        url: &Url,
        trace: &[(String, String)],
        message: &Message,
    ) -> Result<(), (String, bool)> {
        let request = Request {
            method: Method::POST,
            url: url.clone(),
            headers: self.headers(trace, message),
            content: Content::Bytes(Bytes::from(message.body.clone())),
            patience: PATIENCE,
        };
        let _way = self.load.way_to(url.host()).await;
        let answer = tokio::time::timeout(PATIENCE, self.client.send(request)).await;
        match answer {
            Err(_) => Err((format!("timed out after {} s", PATIENCE.as_secs()), true)),
            Ok(Err(Fault::Refused(fault))) => Err((fault, false)),
            Ok(Err(Fault::Failed(fault))) => Err((fault, true)),
            Ok(Ok((response, _))) => match response.status() {
                status if status.is_success() => Ok(()),
                status => Err((status.to_string(), matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504))),
            },
        }
    }

    fn headers(&self, trace: &[(String, String)], message: &Message) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut add = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        add("webhook-id", message.id.clone());
        add("cog-webhook-sequence", message.sequence.to_string());
        let timestamp = jiff::Timestamp::now().as_second();
        add("webhook-timestamp", timestamp.to_string());
        if let Some(signature) =
            self.settings.webhook_secrets.sign(&message.id, timestamp, message.body.as_bytes())
        {
            add("webhook-signature", signature);
        }
        if let Some(token) = &self.settings.webhook_token {
            add("authorization", format!("Bearer {token}"));
        }
        for (name, value) in trace {
            if let Ok(name) = HeaderName::try_from(name.as_str())
                && let Ok(value) = HeaderValue::try_from(value.as_str())
            {
                headers.insert(name, value);
            }
        }
        headers
    }
}
