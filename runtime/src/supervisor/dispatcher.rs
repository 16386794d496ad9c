//! The one task that owns predictions, slots and the worker. Everything else sends it messages.

mod desk;
mod finished;
mod flight;
mod message;
mod queue;
mod readers;
mod staff;
mod tally;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use cog_schema::Signature;
use cog_schema::envelope::QueueReport;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};

use super::child::WorkerEvent;
use super::death::Loss;
use super::fetch::Fetched;
use super::net::shortened;
use super::prediction::weight_of;
use super::traces::{self, Tracer};
use super::webhook::Webhooks;
use crate::journal::{self, About};
use crate::model::LogSource;
use crate::protocol::{FromWorker, Outcome};
use crate::settings::Settings;
pub(super) use desk::Desk;
use finished::Finished;
use flight::{Flight, Said};
pub(super) use message::{Caller, Checkup, End, Joined, Model, Order, Placed, Standing};
use message::{Message, Timer};
use queue::Queue;
use staff::Staff;
use tally::{Now, Tally, resident_memory};

struct Dispatcher {
    settings: Arc<Settings>,
    sender: UnboundedSender<Message>,
    staff: Staff,
    flights: HashMap<u64, Flight>,
    runs: HashMap<String, u64>,
    /// Those among the flights that wait for a slot.
    queue: Queue,
    finished: Finished,
    webhooks: Arc<Webhooks>,
    tracer: Tracer,
    tally: Tally,
    last_run: u64,
    echo: journal::Echo,
    draining: bool,
    drained: Vec<oneshot::Sender<()>>,
    /// Nothing is begun any more.
    closed: bool,
}

/// What becomes of predictions that are not done when the server ends.
const SHUT_DOWN: &str = "the server was shut down";

/// Starts the dispatcher, and with it the first worker.
pub(super) fn start(settings: Arc<Settings>, webhooks: Arc<Webhooks>, tracer: Tracer) -> Desk {
    let (sender, messages) = unbounded_channel();
    let (model, model_here) = watch::channel(None);
    let dispatcher = Dispatcher {
        staff: Staff::new(&settings, &sender, model),
        queue: Queue::new(settings.queue_limit),
        finished: Finished::new(settings.finished_limit),
        settings,
        sender: sender.clone(),
        flights: HashMap::new(),
        runs: HashMap::new(),
        webhooks,
        tracer,
        tally: Tally::default(),
        last_run: 0,
        echo: journal::Echo::default(),
        draining: false,
        drained: Vec::new(),
        closed: false,
    };
    tokio::spawn(dispatcher.run(messages));
    Desk::new(sender, model_here)
}

impl Dispatcher {
    async fn run(mut self, mut messages: UnboundedReceiver<Message>) {
        self.staff.open();
        while let Some(message) = messages.recv().await {
            self.handle(message);
        }
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Create { order, reply } => {
                let placed = self.create(*order);
                if let Err(Placed::Running { run, .. }) = reply.send(placed) {
                    // The client left before it could be told.
                    self.cancel(run);
                }
            }
            Message::Find { id, ended_too, reply } => {
                let flight = self.runs.get(&id).and_then(|run| self.flights.get(run)).map(Flight::prediction);
                let ended = ended_too.then(|| self.finished.find(&id)).flatten();
                let found = flight.or(ended.map(|ended| &**ended));
                let shown = found.and_then(|found| serde_json::to_vec(&found.snapshot_with_input()).ok());
                let _left = reply.send(shown);
            }
            Message::Join { id, after, ended_too, reply } => {
                let joined = self.join(&id, after, ended_too);
                let _left = reply.send(joined);
            }
            Message::Read { run, from, reply } => {
                let flight = self.flights.get(&run);
                let _left = reply.send(flight.map(|flight| flight.prediction().events_from(from)));
            }
            Message::Left { run } => {
                if self.flights.get_mut(&run).is_some_and(Flight::left) {
                    self.cancel(run);
                }
            }
            Message::Impatient { run } => {
                if self.queue.remove(run)
                    && let Some(flight) = self.flights.remove(&run)
                {
                    self.runs.remove(flight.id());
                    flight.turn_away();
                }
            }
            Message::TooLate { run } => {
                let limit = self.settings.predict_timeout.unwrap_or_default().as_secs_f64();
                let fault = format!("the prediction ran for longer than {limit} s (COG_PREDICT_TIMEOUT)");
                if self.flights.get_mut(&run).is_some_and(|flight| flight.fail(fault)) {
                    self.stop(run);
                }
            }
            Message::Cancel { id, reply } => {
                let run = self.runs.get(&id).copied();
                if let Some(run) = run {
                    self.cancel(run);
                }
                let _left = reply.send(run.is_some());
            }
            Message::HungUp { run } => self.cancel(run),
            Message::Health { reply } => {
                let busy = self.running() >= self.staff.slots();
                let mut checkup = self.staff.checkup(busy);
                let limit = self.settings.queue_limit;
                let queue = QueueReport { depth: self.queue.len(), limit };
                checkup.health.queue = Some(queue).filter(|queue| queue.limit > 0 || queue.depth > 0);
                let _left = reply.send(checkup);
            }
            Message::Standing { reply } => {
                let status = self.staff.status(self.running() >= self.staff.slots());
                let _left = reply.send(Standing { status, draining: self.draining });
            }
            Message::Metrics { reply } => {
                let _left = reply.send(self.tally.text(&self.now()));
            }
            Message::Drained { reply } => {
                self.draining = true;
                self.drained.push(reply);
                self.tell_drained();
            }
            Message::Stop { reply } => {
                self.close();
                self.staff.dismiss(reply);
            }
            Message::Prepared { run, fetched } => self.prepared(run, fetched),
            Message::Delivered { run, number, piece } => {
                let Some(flight) = self.flights.get_mut(&run) else { return };
                let more = flight.delivered(number, piece);
                self.follow(run, more);
            }
            Message::Overdue { run } => {
                if !self.ends_without_its_files(run)
                    && let Some(flight) = self.flights.get(&run)
                    && flight.is_with_worker()
                {
                    flight.about().warn("it did not stop when cancelled; its worker is replaced");
                    self.staff.replace(run);
                }
            }
            Message::Worker { post, generation, event } if self.staff.is_current(post, generation) => {
                self.hear(post, event);
            }
            Message::SetupOverdue { post, generation } if self.staff.is_current(post, generation) => {
                self.staff.setup_overdue(post);
            }
            Message::Worker { .. } | Message::SetupOverdue { .. } => {}
            Message::Respawn { post } => {
                self.staff.hire(post);
                self.hand_out();
            }
        }
    }

    /// Gives predictions that have their files to workers that have room.
    fn hand_out(&mut self) {
        for (run, reason) in self.staff.hand_out() {
            self.end(run, Outcome::Failed(reason));
        }
        if self.staff.is_given_up() {
            for run in self.queue.clear() {
                self.end(run, Outcome::Failed(staff::GIVEN_UP.to_owned()));
            }
        }
    }

    /// Ends what no worker is at; the rest ends with the workers.
    fn close(&mut self) {
        self.closed = true;
        let runs: Vec<u64> = self.flights.keys().copied().collect();
        for run in runs {
            let Some(flight) = self.flights.get_mut(&run) else { continue };
            let waits = self.staff.withdraw(run) || !flight.is_with_worker();
            if waits || matches!(flight.undeliver(), flight::Next::End(_)) {
                self.end(run, Outcome::Failed(SHUT_DOWN.to_owned()));
            }
        }
    }

    fn create(&mut self, mut order: Order) -> Placed {
        if let Some(flight) = self.runs.get(&order.id).and_then(|run| self.flights.get(run)) {
            return match (order.join, order.caller) {
                (false, _) => Placed::IdTaken,
                (true, Caller::Streams) => match self.join(&order.id, None, false) {
                    Joined::Read(subscription) => Placed::Read(subscription),
                    Joined::Unknown | Joined::Crowded => Placed::Crowded,
                },
                (true, Caller::Waits | Caller::Leaves) => {
                    let shown = serde_json::to_vec(&flight.prediction().snapshot_with_input());
                    shown.map_or(Placed::NotReady, Placed::Joined)
                }
            };
        }
        let Some(signature) = self.staff.signature().filter(|_| !self.draining) else {
            self.tally.refused_not_ready += 1;
            return Placed::NotReady;
        };
        let patience = order.patience.filter(|_| order.caller == Caller::Waits);
        let waits = self.running() >= self.staff.slots() || !self.queue.is_empty();
        let burden = order.webhook.is_some() && self.webhooks.are_overloaded();
        let weight = if waits { weight_of(&order.checked.input) } else { 0 };
        if burden || waits && !self.queue.takes_one_more(patience.is_some(), weight) {
            self.tally.refused_busy += 1;
            return Placed::Busy;
        }
        self.last_run += 1;
        let run = self.last_run;
        let (end_sender, end) = oneshot::channel();
        self.runs.insert(order.id.clone(), run);
        let cancel_after = order.cancel_after;
        let caller = order.caller;
        let trace = self.tracer.begin(&order.trace, &order.id);
        if let Some(trace) = &trace {
            order.trace = trace.headers();
        }
        let trace_id = traces::trace_id(&order.trace);
        warn_of_unknown(About { prediction: &order.id, trace: trace_id.as_deref() }, &order.checked.unknown);
        let webhook = order.webhook.take().and_then(|wanted| {
            let (id, trace) = (order.id.clone(), std::mem::take(&mut order.trace));
            self.webhooks.open(wanted, id, trace)
        });
        let (webhook, kept) = webhook.map_or((None, None), |(webhook, kept)| (Some(webhook), kept));
        let mut flight = Flight::new(run, order, &signature, end_sender, webhook, trace_id);
        if let Some(trace) = trace {
            flight.follow(trace);
        }
        if let Some(limit) = cancel_after {
            flight.set(Timer::new(&self.sender, limit, Message::HungUp { run }));
        }
        if let Some(patience) = patience.filter(|_| waits) {
            flight.set(Timer::new(&self.sender, patience, Message::Impatient { run }));
        }
        let reading = (caller == Caller::Streams).then(|| self.subscription(run, 0, flight.joined()));
        self.flights.insert(run, flight);
        if waits {
            self.queue.push(run, weight);
        } else {
            self.begin(run, &signature);
        }
        match reading {
            Some(subscription) => Placed::Read(subscription),
            None => Placed::Running { run, end, kept },
        }
    }

    /// Gives a prediction its slot.
    fn begin(&mut self, run: u64, signature: &Arc<Signature>) {
        let Some(flight) = self.flights.get_mut(&run) else { return };
        self.tally.got_slot(flight.age());
        let sender = self.sender.clone();
        let ready = flight.begin(signature, &self.settings, move |fetched| {
            let _stopping = sender.send(Message::Prepared { run, fetched });
        });
        if let Some(limit) = self.settings.predict_timeout {
            flight.set(Timer::new(&self.sender, limit, Message::TooLate { run }));
        }
        if let Some(fetched) = ready {
            self.prepared(run, Ok(fetched));
        }
    }

    /// Gives free slots to those who wait for one.
    fn begin_waiting(&mut self) {
        while !self.closed
            && self.running() < self.staff.slots()
            && let Some(signature) = self.staff.known_signature()
            && let Some(run) = self.queue.pop()
        {
            self.begin(run, &signature);
        }
    }

    /// How many have a slot.
    fn running(&self) -> usize {
        self.flights.len() - self.queue.len()
    }

    fn prepared(&mut self, run: u64, fetched: Result<Fetched, String>) {
        let Some(flight) = self.flights.get_mut(&run) else { return };
        match fetched.and_then(|fetched| flight.prepared(fetched)) {
            Ok(message) => {
                for (run, reason) in self.staff.assign(run, message) {
                    self.end(run, Outcome::Failed(reason));
                }
            }
            Err(error) => self.end(run, Outcome::Failed(error)),
        }
    }

    fn cancel(&mut self, run: u64) {
        if self.flights.get_mut(&run).is_some_and(Flight::cancel) {
            self.stop(run);
        }
    }

    /// Stops a prediction: at once where only we know of it, else by way of the worker.
    fn stop(&mut self, run: u64) {
        let Some(flight) = self.flights.get_mut(&run) else { return };
        if self.staff.withdraw(run) || !flight.is_with_worker() {
            self.end(run, Outcome::Canceled);
        } else if !self.ends_without_its_files(run) {
            self.tell_cancel(run);
        }
    }

    /// Ends a prediction whose worker is done, and of which only a file is not where it should go; false if it is none.
    fn ends_without_its_files(&mut self, run: u64) -> bool {
        let Some(flight) = self.flights.get_mut(&run) else { return false };
        let flight::Next::End(outcome) = flight.undeliver() else { return false };
        let outcome = if outcome == Outcome::Succeeded { Outcome::Canceled } else { outcome };
        self.end(run, outcome);
        true
    }

    /// Tells the worker to stop, and sees to it that it does.
    fn tell_cancel(&mut self, run: u64) {
        let Some(flight) = self.flights.get_mut(&run) else { return };
        flight.set(Timer::new(&self.sender, self.settings.cancel_grace, Message::Overdue { run }));
        self.staff.tell_cancel(run);
    }

    /// What a worker did.
    fn hear(&mut self, post: usize, event: WorkerEvent) {
        match event {
            WorkerEvent::Said(FromWorker::Log { run, source, text }) => {
                self.print(post, run, source, text);
            }
            WorkerEvent::Said(FromWorker::Output { run, value }) => self.relay(run, Said::Output(value)),
            WorkerEvent::Said(FromWorker::Metric { run, name, value, mode }) => {
                self.relay(run, Said::Metric { name, value, mode });
            }
            WorkerEvent::Said(FromWorker::Span { run, name, times }) => {
                if let Some(flight) = self.flights.get_mut(&run) {
                    flight.worker_took(name, times);
                }
            }
            WorkerEvent::Said(FromWorker::Batch { size }) => self.tally.batches.add(size as f64),
            WorkerEvent::Said(FromWorker::Done { run, outcome }) => self.relay(run, Said::Done(outcome)),
            WorkerEvent::Said(FromWorker::Hello { protocol, concurrency, schema }) => {
                self.staff.greeted(post, protocol, concurrency, &schema);
            }
            WorkerEvent::Said(FromWorker::Ready { health }) => {
                self.staff.ready(post, health);
                self.hand_out();
                self.begin_waiting();
            }
            WorkerEvent::Said(FromWorker::Phase { name }) => self.staff.phase_began(post, name),
            WorkerEvent::Said(FromWorker::SetupFailed { error }) => self.staff.setup_failed(post, &error),
            WorkerEvent::Said(FromWorker::Health { probe, error }) => self.staff.opined(post, probe, error),
            WorkerEvent::Gone { last_words, loss } => self.lost(post, last_words, loss),
        }
    }

    /// A worker is gone, and with it what it was doing.
    fn lost(&mut self, post: usize, last_words: Vec<(LogSource, String)>, loss: Loss) {
        let cut_short = self.staff.duties_of(post);
        let owner = if let [run] = cut_short[..] { Some(run) } else { None };
        for (source, text) in last_words {
            self.print(post, owner, source, text);
        }
        let lost = self.staff.lost(post, loss);
        self.tally.lost_worker(lost.kind);
        for run in cut_short {
            self.relay(run, Said::Done(Outcome::Failed(lost.cause.clone())));
        }
        self.hand_out();
    }

    fn print(&mut self, post: usize, run: Option<u64>, source: LogSource, text: String) {
        let flight = run.and_then(|run| self.flights.get(&run));
        self.echo.text(run, flight.map(Flight::about), source, &text);
        match run {
            Some(run) => self.relay(run, Said::Log { source, text }),
            None => self.staff.printed(post, &text),
        }
    }

    fn relay(&mut self, run: u64, said: Said) {
        let Some(flight) = self.flights.get_mut(&run) else { return };
        let next = flight.heard(said);
        self.follow(run, next);
    }

    /// Goes on with what a flight wants done next.
    fn follow(&mut self, run: u64, next: flight::Next) {
        match next {
            flight::Next::Wait => {}
            flight::Next::Deliver(value) => {
                let Some(flight) = self.flights.get_mut(&run) else { return };
                let (sender, settings) = (self.sender.clone(), Arc::clone(&self.settings));
                flight.delivers(|number| {
                    super::files::deliver(value, settings, move |piece| {
                        let _stopping = sender.send(Message::Delivered { run, number, piece });
                    })
                });
            }
            flight::Next::Stop => self.tell_cancel(run),
            flight::Next::End(outcome) => self.end(run, outcome),
        }
    }

    /// The last of a prediction: its slot is free before anybody is told.
    fn end(&mut self, run: u64, outcome: Outcome) {
        let Some(flight) = self.flights.remove(&run) else { return };
        if flight.is_queued() {
            self.queue.remove(run);
        }
        self.runs.remove(flight.id());
        self.echo.end(Some(run), Some(flight.about()));
        self.staff.relieve(run, outcome == Outcome::Succeeded);
        let took = flight.age();
        let prediction = flight.end(outcome, Instant::now());
        self.tally.ended(prediction.status(), took);
        self.finished.keep(prediction);
        self.hand_out();
        self.begin_waiting();
        self.tell_drained();
    }

    fn now(&self) -> Now<'_> {
        Now {
            ready: self.staff.signature().is_some(),
            slots: self.staff.slots(),
            running: self.running(),
            queued: self.queue.len(),
            webhooks: self.webhooks.unfinished().map_or(0, |unfinished| *unfinished.borrow()),
            webhook_counts: self.webhooks.counts(),
            supervisor_memory: resident_memory("self"),
            worker_memory: self
                .staff
                .processes()
                .iter()
                .filter_map(|id| resident_memory(&id.to_string()))
                .sum(),
            setup: self.staff.setup(),
        }
    }

    fn tell_drained(&mut self) {
        if self.flights.is_empty() {
            for waiting in self.drained.drain(..) {
                let _left = waiting.send(());
            }
        }
    }
}

/// Says, once for all of them, which inputs are ignored.
fn warn_of_unknown(about: About<'_>, names: &[String]) {
    const SHOWN: usize = 8;
    if names.is_empty() {
        return;
    }
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{}`", shortened(name))).collect();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    about.warn(&format!("ignored inputs that are unknown: {}{more}", shown.join(", ")));
}
