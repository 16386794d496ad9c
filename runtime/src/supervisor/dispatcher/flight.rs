//! A prediction on its way: the value that callers see, and what is still being done for it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cog_schema::Signature;
use cog_schema::envelope::WebhookEvent;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};

use super::message::Timer;
use super::{Caller, End, Order};
use crate::journal::About;
use crate::model::{LogSource, MetricMode};
use crate::protocol::{Outcome, SpanTimes, ToWorker, WireValue};
use crate::settings::Settings;
use crate::supervisor::aside::{self, Aside};
use crate::supervisor::fetch::{self, Attached, Fetched};
use crate::supervisor::files;
use crate::supervisor::prediction::Prediction;
use crate::supervisor::subscription::Progress;
use crate::supervisor::traces::Trace;
use crate::supervisor::webhook::Webhook;

pub(super) struct Flight {
    run: u64,
    prediction: Prediction,
    /// When it got its slot; before that, when it came.
    accepted: Instant,
    caller: Caller,
    /// Who waits for its end.
    end: Option<oneshot::Sender<End>>,
    /// Who reads its events; made for the first reader.
    progress: Option<watch::Sender<Progress>>,
    readers: usize,
    context: BTreeMap<String, String>,
    stage: Stage,
    canceled: bool,
    /// What is to happen if it still runs then.
    timers: Vec<Timer>,
    /// What went wrong on our side while the worker was still at it.
    fault: Option<String>,
    /// The file of its output that is on its way; dropping it stops that.
    delivery: Option<Aside>,
    /// How many have been.
    deliveries: u64,
    /// What the worker said while a file was being read: it keeps its place behind the file.
    behind: VecDeque<Said>,
    /// The files of its inputs, deleted with it.
    files: Option<TempDir>,
    webhook: Option<Webhook>,
    trace: Option<Trace>,
    /// Which trace it belongs to, followed here or not.
    trace_id: Option<String>,
}

enum Stage {
    /// It has no slot yet; this is its input, with the files that came with it.
    Queued(Map<String, Value>, Attached),
    /// Its files are being fetched; dropping the download stops that.
    Fetching(#[expect(dead_code, reason = "held for its drop")] Option<Aside>),
    WithWorker,
}

/// What a worker says about one prediction.
pub(super) enum Said {
    Log { source: LogSource, text: String },
    Output(WireValue),
    Metric { name: String, value: Value, mode: MetricMode },
    Done(Outcome),
}

/// What is to be done after something was heard.
pub(super) enum Next {
    Wait,
    /// Deliver the files in this by [`Flight::delivers`], and come back with [`Flight::delivered`].
    Deliver(WireValue),
    /// Tell the worker to stop.
    Stop,
    End(Outcome),
}

impl Flight {
    /// A prediction that waits for a slot.
    pub(super) fn new(
        run: u64,
        order: Order,
        signature: &Signature,
        end: oneshot::Sender<End>,
        webhook: Option<Webhook>,
        trace_id: Option<String>,
    ) -> Self {
        Self {
            run,
            prediction: Prediction::new(order.id, order.checked.shown, signature.output.delivery),
            accepted: Instant::now(),
            caller: order.caller,
            end: Some(end),
            progress: None,
            readers: 0,
            context: order.context,
            stage: Stage::Queued(order.checked.input, order.attached),
            canceled: false,
            timers: Vec::new(),
            fault: None,
            delivery: None,
            deliveries: 0,
            webhook,
            behind: VecDeque::new(),
            files: None,
            trace: None,
            trace_id,
        }
    }

    /// Its trace is followed from here on.
    pub(super) fn follow(&mut self, mut trace: Trace) {
        trace.stage("queue");
        self.trace = Some(trace);
    }

    /// What the worker took its time for.
    pub(super) fn worker_took(&mut self, name: String, times: SpanTimes) {
        if let Some(trace) = &mut self.trace {
            trace.worker_took(name, times);
        }
    }

    fn turns_to(&mut self, stage: &'static str) {
        if let Some(trace) = &mut self.trace {
            trace.stage(stage);
        }
    }

    /// It has its slot. Gives the input at once where no file has to be fetched first; otherwise `fetched` is called
    /// later.
    pub(super) fn begin(
        &mut self,
        signature: &Arc<Signature>,
        settings: &Arc<Settings>,
        fetched: impl FnOnce(Result<Fetched, String>) + Send + 'static,
    ) -> Option<Fetched> {
        let Stage::Queued(input, attached) = &mut self.stage else { return None };
        let (input, attached) = (std::mem::take(input), std::mem::take(attached));
        self.accepted = Instant::now();
        self.prediction.begun();
        self.announce(Some(WebhookEvent::Start));
        if fetch::is_needed(signature, &input) {
            self.turns_to("fetch");
            let download =
                fetch::begin(Arc::clone(signature), input, attached, Arc::clone(settings), fetched);
            self.stage = Stage::Fetching(Some(download));
            return None;
        }
        self.stage = Stage::Fetching(None);
        Some(Fetched { input, files: None })
    }

    pub(super) fn id(&self) -> &str {
        self.prediction.id()
    }

    /// What the log says an entry about it is about.
    pub(super) fn about(&self) -> About<'_> {
        About { prediction: self.id(), trace: self.trace_id.as_deref() }
    }

    pub(super) fn prediction(&self) -> &Prediction {
        &self.prediction
    }

    /// How long it has had its slot or, without one, waited for it.
    pub(super) fn age(&self) -> Duration {
        self.accepted.elapsed()
    }

    pub(super) fn is_queued(&self) -> bool {
        matches!(self.stage, Stage::Queued(..))
    }

    pub(super) fn is_with_worker(&self) -> bool {
        matches!(self.stage, Stage::WithWorker)
    }

    pub(super) fn readers(&self) -> usize {
        self.readers
    }

    /// Somebody begins to read its events.
    pub(super) fn joined(&mut self) -> watch::Receiver<Progress> {
        self.readers += 1;
        let events = self.prediction.events();
        match &self.progress {
            Some(progress) => progress.subscribe(),
            None => {
                let (progress, reader) = watch::channel(Progress::new(events));
                self.progress = Some(progress);
                reader
            }
        }
    }

    /// A reader left; true if it was made for its readers, and that was the last one.
    pub(super) fn left(&mut self) -> bool {
        self.readers = self.readers.saturating_sub(1);
        self.readers == 0 && self.caller == Caller::Streams
    }

    /// Its input is complete: the message that starts it.
    pub(super) fn prepared(&mut self, fetched: Fetched) -> Result<ToWorker, String> {
        let input = to_raw_value(&fetched.input).map_err(|error| format!("the input is no JSON: {error}"))?;
        self.files = fetched.files;
        self.stage = Stage::WithWorker;
        self.turns_to("worker");
        let context = std::mem::take(&mut self.context);
        let trace = self.trace.as_ref().map(Trace::traceparent);
        Ok(ToWorker::Run { run: self.run, id: self.id().to_owned(), input, context, trace })
    }

    /// Keeps a timer until the prediction has ended.
    pub(super) fn set(&mut self, timer: Timer) {
        self.timers.push(timer);
    }

    /// Its caller gave up; false if that was known.
    pub(super) fn cancel(&mut self) -> bool {
        !std::mem::replace(&mut self.canceled, true)
    }

    /// It failed for a reason of ours, whatever the worker will still say of it; false if it is given up already.
    pub(super) fn fail(&mut self, fault: String) -> bool {
        if self.canceled || self.fault.is_some() {
            return false;
        }
        self.fault = Some(fault);
        true
    }

    pub(super) fn heard(&mut self, said: Said) -> Next {
        if self.delivery.is_some() {
            self.behind.push_back(said);
            return Next::Wait;
        }
        let event = match said {
            Said::Log { source, text } => {
                self.prediction.printed(source, &text);
                Some(WebhookEvent::Logs)
            }
            Said::Output(WireValue::Json(piece)) => {
                // A list without items is no output worth a message.
                let event = (piece.get() != "[]").then_some(WebhookEvent::Output);
                self.prediction.produced(piece);
                event
            }
            Said::Output(value) => return Next::Deliver(value),
            Said::Metric { name, value, mode } => {
                // The worker refused what is wrong; what another implementation lets through is left out.
                let _refused = self.prediction.measured(name, value, mode);
                None
            }
            Said::Done(outcome) => return Next::End(outcome),
        };
        self.announce(event);
        Next::Wait
    }

    /// A file of the output is on its way. What else is heard waits behind it; gives the delivery's number.
    pub(super) fn delivers(&mut self, begin: impl FnOnce(u64) -> Aside) {
        self.deliveries += 1;
        self.delivery = Some(begin(self.deliveries));
        if let Some(trace) = &mut self.trace {
            trace.delivers();
        }
    }

    /// A file of the output was delivered, or not.
    pub(super) fn delivered(&mut self, number: u64, piece: Result<Box<RawValue>, String>) -> Next {
        if self.delivery.is_none() || self.deliveries != number {
            return Next::Wait;
        }
        self.delivery = None;
        if let Some(trace) = &mut self.trace {
            trace.delivered();
        }
        match piece {
            Ok(piece) => {
                self.prediction.produced(piece);
                self.announce(Some(WebhookEvent::Output));
            }
            Err(fault) => self.fault = Some(fault),
        }
        match self.catch_up() {
            Next::Wait if self.fault.is_some() => Next::Stop,
            next => next,
        }
    }

    /// Stops what is still being delivered; gives what the worker said meanwhile.
    pub(super) fn undeliver(&mut self) -> Next {
        self.delivery = None;
        // Nobody wants more files of it.
        self.behind.retain(|said| match said {
            Said::Output(value) => {
                files::discard(value);
                false
            }
            _ => true,
        });
        self.catch_up()
    }

    fn catch_up(&mut self) -> Next {
        while let Some(said) = self.behind.pop_front() {
            match self.heard(said) {
                Next::Wait => {}
                next => return next,
            }
        }
        Next::Wait
    }

    /// Tells whoever waits. Its files are deleted aside: there may be gigabytes of them.
    pub(super) fn end(mut self, outcome: Outcome, now: Instant) -> Arc<Prediction> {
        let outcome = self.verdict(outcome);
        self.prediction.ended(outcome, now - self.accepted);
        if let Some(webhook) = &mut self.webhook {
            webhook.tell(WebhookEvent::Completed, &self.prediction, now);
        }
        if let Some(trace) = self.trace {
            trace.end(self.prediction.status().as_str(), self.prediction.error());
        }
        let prediction = Arc::new(self.prediction);
        if let Some(end) = self.end {
            let _nobody_waits = end.send(End::Ended(Arc::clone(&prediction)));
        }
        if let Some(progress) = self.progress {
            progress.send_replace(Progress::ended(Arc::clone(&prediction)));
        }
        if let Some(files) = self.files {
            aside::discard(files);
        }
        prediction
    }

    /// It waited for a slot for as long as its caller would.
    pub(super) fn turn_away(self) {
        if let Some(end) = self.end {
            let _left = end.send(End::NoSlot);
        }
    }

    fn announce(&mut self, event: Option<WebhookEvent>) {
        if let (Some(webhook), Some(event)) = (&mut self.webhook, event) {
            webhook.tell(event, &self.prediction, Instant::now());
        }
        if let Some(progress) = &self.progress {
            progress.send_replace(Progress::new(self.prediction.events()));
        }
    }

    fn verdict(&mut self, outcome: Outcome) -> Outcome {
        match (outcome, self.fault.take()) {
            (Outcome::Failed(_) | Outcome::Canceled, _) if self.canceled => Outcome::Canceled,
            (_, Some(fault)) => Outcome::Failed(fault),
            (outcome, None) => outcome,
        }
    }
}
