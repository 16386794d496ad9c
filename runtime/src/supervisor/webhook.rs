//! Webhooks: which events a prediction's receiver is told of, and the way they get there.
//!
//! Every message is a whole snapshot of the prediction, numbered, signed where there is a secret, and delivered in
//! order. The last word is tried for minutes and, where there is an outbox, outlives this server.

mod courier;
mod load;
mod outbox;
mod signature;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use cog_schema::envelope::WebhookEvent;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::{oneshot, watch};

use super::prediction::Prediction;
use super::traces::Tracer;
use crate::journal;
use crate::settings::Settings;
use courier::{Courier, Line, Message};
pub(crate) use signature::Secrets;

/// Where a prediction's webhooks go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Target {
    /// As the client gave it; it may be no URL at all.
    pub(super) url: String,
    /// The headers by which the prediction's trace is followed.
    pub(super) trace: Vec<(String, String)>,
    /// Whose they are.
    #[serde(default)]
    pub(super) prediction: String,
}

/// What a client wants to be told of, and where.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// As the client gave it; it may be no URL at all.
    pub(super) url: String,
    pub(super) events: BTreeSet<WebhookEvent>,
}

/// The webhooks of all predictions.
pub(super) struct Webhooks {
    settings: Arc<Settings>,
    tracer: Tracer,
    /// Made when it is first needed: a server that nobody gives webhooks has no thread for them.
    courier: OnceLock<Option<Courier>>,
}

/// One prediction's webhooks. Dropped when it has ended.
pub(super) struct Webhook {
    line: Line,
    events: BTreeSet<WebhookEvent>,
    /// How much time there has to be between a message and one about logs.
    interval: Duration,
    last: Option<Instant>,
    name: String,
    sequence: u64,
}

/// Tells when what is owed to a receiver lies in the outbox.
pub(super) type Kept = oneshot::Receiver<()>;

impl Webhooks {
    pub(super) fn new(settings: Arc<Settings>, tracer: Tracer) -> Self {
        let webhooks = Self { settings, tracer, courier: OnceLock::new() };
        if webhooks.settings.webhook_outbox.is_some() {
            // There may be something in it.
            webhooks.courier();
        }
        webhooks
    }

    /// A line for one prediction; and, where there is an outbox, what tells when it has an entry there.
    pub(super) fn open(
        &self,
        wanted: Wanted,
        prediction: String,
        trace: Vec<(String, String)>,
    ) -> Option<(Webhook, Option<Kept>)> {
        let courier = self.courier()?;
        let name = fresh_name();
        let unfinished = wanted.events.contains(&WebhookEvent::Completed).then(|| {
            let body = json!({
                "error": "the server stopped before the prediction ended",
                "id": prediction,
                "logs": "",
                "metrics": {},
                "status": "failed",
            });
            Message { id: format!("msg_{name}_lost"), sequence: 0, body: body.to_string(), terminal: true }
        });
        let (line, kept) = courier.open_line(Target { url: wanted.url, trace, prediction }, unfinished);
        let interval = self.settings.webhook_interval;
        Some((Webhook { line, events: wanted.events, interval, last: None, name, sequence: 0 }, kept))
    }

    /// Whether so many messages wait for their receivers that no more predictions with webhooks should be taken.
    pub(super) fn are_overloaded(&self) -> bool {
        self.courier.get().and_then(Option::as_ref).is_some_and(Courier::is_overloaded)
    }

    /// How many predictions have messages on their way.
    pub(super) fn unfinished(&self) -> Option<watch::Receiver<usize>> {
        self.courier.get()?.as_ref().map(Courier::unfinished)
    }

    /// How many messages were delivered, sent again and given up so far.
    pub(super) fn counts(&self) -> [u64; 3] {
        self.courier.get().and_then(Option::as_ref).map(Courier::counts).unwrap_or_default()
    }

    /// What becomes of messages that are still on their way when the server ends.
    pub(super) fn give_up(&self) {
        let Some(Some(courier)) = self.courier.get() else { return };
        let left = *courier.unfinished().borrow();
        if left > 0 {
            let fate = if courier.keeps() {
                "they stay in the outbox and are delivered by the next run"
            } else {
                "they are lost (COG_WEBHOOK_OUTBOX keeps them)"
            };
            journal::warn(&format!("webhooks of {left} predictions were not delivered in time: {fate}"));
        }
    }

    fn courier(&self) -> Option<&Courier> {
        let start = || {
            let courier = Courier::start(Arc::clone(&self.settings), self.tracer.clone());
            courier.map_err(|error| journal::error(&format!("no webhooks can be sent: {error}"))).ok()
        };
        self.courier.get_or_init(start).as_ref()
    }
}

impl Webhook {
    /// Something happened. The receiver is told if it wants to know and it is not too soon.
    pub(super) fn tell(&mut self, event: WebhookEvent, prediction: &Prediction, now: Instant) {
        let too_soon =
            event == WebhookEvent::Logs && self.last.is_some_and(|last| now - last < self.interval);
        if too_soon || !self.events.contains(&event) {
            return;
        }
        let Ok(body) = serde_json::to_string(&prediction.snapshot()) else { return };
        self.last = Some(now);
        self.line.push(Message {
            id: format!("msg_{}_{}", self.name, self.sequence),
            sequence: self.sequence,
            body,
            terminal: event == WebhookEvent::Completed,
        });
        self.sequence += 1;
    }
}

/// A name that nobody else has, on this machine or another.
fn fresh_name() -> String {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(0);
    format!("{:x}{random:016x}", jiff::Timestamp::now().as_nanosecond())
}
