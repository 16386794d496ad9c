//! The one task that owns predictions, slots and the worker. Everything else sends it messages.

mod desk;
mod flight;
mod staff;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use cog_schema::envelope::Health;
use cog_schema::{Checked, Signature};
use serde_json::value::RawValue;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};

use super::child::WorkerEvent;
use super::fetch::Fetched;
use super::prediction::Snapshot;
use crate::journal;
use crate::model::LogSource;
use crate::protocol::{FromWorker, Outcome};
use crate::settings::Settings;
pub(super) use desk::Desk;
use flight::{Flight, Said};
use staff::Staff;

/// What is known about the model once its first setup succeeded.
pub(super) struct Model {
    pub(super) signature: Arc<Signature>,
    /// The OpenAPI document, as the worker gave it.
    pub(super) document: Arc<str>,
}

/// A prediction to be made.
pub(super) struct Order {
    pub(super) id: String,
    pub(super) checked: Checked,
    pub(super) context: BTreeMap<String, String>,
    /// Whether an id that is in flight is joined (PUT) or refused (POST).
    pub(super) join: bool,
}

/// What became of an [`Order`].
pub(super) enum Placed {
    /// It runs; the receiver gets its last state.
    Running { run: u64, end: oneshot::Receiver<Arc<Snapshot>> },
    /// It was running already.
    Joined(Box<Snapshot>),
    /// The id belongs to a prediction in flight.
    IdTaken,
    /// No worker to run it.
    NotReady,
    /// No slot.
    Busy,
}

/// The health of the server, and the author's opinion where there is one to wait for.
pub(super) struct Checkup {
    pub(super) health: Health,
    pub(super) opinion: Option<oneshot::Receiver<Option<String>>>,
}

enum Message {
    Create { order: Box<Order>, reply: oneshot::Sender<Placed> },
    Find { id: String, reply: oneshot::Sender<Option<Box<Snapshot>>> },
    Cancel { id: String, reply: oneshot::Sender<bool> },
    HungUp { run: u64 },
    Health { reply: oneshot::Sender<Checkup> },
    Drained { reply: oneshot::Sender<()> },
    Stop { reply: oneshot::Sender<()> },
    Prepared { run: u64, fetched: Result<Fetched, String> },
    Inlined { run: u64, piece: Result<Box<RawValue>, String> },
    Overdue { run: u64 },
    Worker { generation: u64, event: WorkerEvent },
    SetupOverdue { generation: u64 },
    Respawn,
}

struct Dispatcher {
    settings: Arc<Settings>,
    sender: UnboundedSender<Message>,
    staff: Staff,
    flights: HashMap<u64, Flight>,
    runs: HashMap<String, u64>,
    last_run: u64,
    echo: journal::Echo,
    draining: bool,
    drained: Vec<oneshot::Sender<()>>,
}

/// Starts the dispatcher, and with it the first worker.
pub(super) fn start(settings: Arc<Settings>) -> Desk {
    let (sender, messages) = unbounded_channel();
    let (model, model_here) = watch::channel(None);
    let dispatcher = Dispatcher {
        staff: Staff::new(Arc::clone(&settings), sender.clone(), model),
        settings,
        sender: sender.clone(),
        flights: HashMap::new(),
        runs: HashMap::new(),
        last_run: 0,
        echo: journal::Echo::default(),
        draining: false,
        drained: Vec::new(),
    };
    tokio::spawn(dispatcher.run(messages));
    Desk::new(sender, model_here)
}

impl Dispatcher {
    async fn run(mut self, mut messages: UnboundedReceiver<Message>) {
        self.hire();
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
            Message::Find { id, reply } => {
                let found = self.runs.get(&id).and_then(|run| self.flights.get(run));
                let _left = reply.send(found.map(|flight| Box::new(flight.snapshot())));
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
                let busy = self.flights.len() >= self.staff.slots();
                let _left = reply.send(self.staff.checkup(busy));
            }
            Message::Drained { reply } => {
                self.draining = true;
                self.drained.push(reply);
                self.tell_drained();
            }
            Message::Stop { reply } => self.staff.dismiss(reply),
            Message::Prepared { run, fetched } => self.prepared(run, fetched),
            Message::Inlined { run, piece } => {
                let Some(flight) = self.flights.get_mut(&run) else { return };
                let more = flight.inlined(piece);
                self.follow(run, more);
            }
            Message::Overdue { run } => {
                if let Some(flight) = self.flights.get(&run)
                    && flight.is_with_worker()
                {
                    let id = flight.id();
                    journal::warn(&format!("`{id}` did not stop when cancelled; its worker is replaced"));
                    self.staff.replace();
                }
            }
            Message::Worker { generation, event } if self.staff.is_current(generation) => self.hear(event),
            Message::SetupOverdue { generation } if self.staff.is_current(generation) => {
                self.staff.setup_overdue();
            }
            Message::Worker { .. } | Message::SetupOverdue { .. } => {}
            Message::Respawn => self.hire(),
        }
    }

    fn hire(&mut self) {
        for run in self.staff.hire() {
            self.end(run, Outcome::Failed("the model's process could not be started".to_owned()));
        }
    }

    fn create(&mut self, order: Order) -> Placed {
        if let Some(flight) = self.runs.get(&order.id).and_then(|run| self.flights.get(run)) {
            return if order.join { Placed::Joined(Box::new(flight.snapshot())) } else { Placed::IdTaken };
        }
        let Some(signature) = self.staff.signature().filter(|_| !self.draining) else {
            return Placed::NotReady;
        };
        if self.flights.len() >= self.staff.slots() {
            return Placed::Busy;
        }
        for name in &order.checked.unknown {
            journal::warn(&format!("`{}`: unknown input `{name}` is ignored", order.id));
        }
        self.last_run += 1;
        let run = self.last_run;
        let (end_sender, end) = oneshot::channel();
        self.runs.insert(order.id.clone(), run);
        let sender = self.sender.clone();
        let (flight, ready) =
            Flight::new(run, order, &signature, end_sender, &self.settings, move |fetched| {
                let _stopping = sender.send(Message::Prepared { run, fetched });
            });
        self.flights.insert(run, flight);
        if let Some(fetched) = ready {
            self.prepared(run, Ok(fetched));
        }
        Placed::Running { run, end }
    }

    fn prepared(&mut self, run: u64, fetched: Result<Fetched, String>) {
        let Some(flight) = self.flights.get_mut(&run) else { return };
        match fetched.and_then(|fetched| flight.prepared(fetched)) {
            Ok(message) => {
                if let Err(error) = self.staff.assign(run, message) {
                    self.end(run, Outcome::Failed(error));
                }
            }
            Err(error) => self.end(run, Outcome::Failed(error)),
        }
    }

    fn cancel(&mut self, run: u64) {
        let Some(flight) = self.flights.get_mut(&run) else { return };
        if !flight.cancel() {
            return;
        }
        if !self.staff.withdraw(run) && flight.is_with_worker() {
            self.staff.tell_cancel(run);
            let (sender, grace) = (self.sender.clone(), self.settings.cancel_grace);
            tokio::spawn(async move {
                tokio::time::sleep(grace).await;
                let _stopping = sender.send(Message::Overdue { run });
            });
        } else {
            self.end(run, Outcome::Canceled);
        }
    }

    fn hear(&mut self, event: WorkerEvent) {
        match event {
            WorkerEvent::Said(FromWorker::Log { run, source, text }) => self.print(run, source, text),
            WorkerEvent::Said(FromWorker::Output { run, value }) => self.relay(run, Said::Output(value)),
            WorkerEvent::Said(FromWorker::Metric { run, name, value, mode }) => {
                self.relay(run, Said::Metric { name, value, mode });
            }
            WorkerEvent::Said(FromWorker::Done { run, outcome }) => self.relay(run, Said::Done(outcome)),
            WorkerEvent::Said(FromWorker::Hello { protocol, concurrency, schema }) => {
                self.staff.greeted(protocol, concurrency, &schema);
            }
            WorkerEvent::Said(FromWorker::Ready { health }) => self.staff.ready(health),
            WorkerEvent::Said(FromWorker::SetupFailed { error }) => self.staff.setup_failed(&error),
            WorkerEvent::Said(FromWorker::Health { probe, error }) => self.staff.opined(probe, error),
            WorkerEvent::Gone { last_words, cause } => {
                let waiting = self.staff.waiting();
                let with_worker = self.flights.iter().filter(|(_, flight)| flight.is_with_worker());
                let lost: Vec<u64> =
                    with_worker.map(|(run, _)| *run).filter(|run| !waiting.contains(run)).collect();
                let owner = if let [run] = lost[..] { Some(run) } else { None };
                for (source, text) in last_words {
                    self.print(owner, source, text);
                }
                let loss = self.staff.lost(cause);
                for run in lost {
                    self.relay(run, Said::Done(Outcome::Failed(loss.cause.clone())));
                }
                for run in loss.orphans {
                    self.end(run, Outcome::Failed(loss.cause.clone()));
                }
            }
        }
    }

    fn print(&mut self, run: Option<u64>, source: LogSource, text: String) {
        let flight = run.and_then(|run| self.flights.get(&run));
        self.echo.text(run, flight.map(Flight::id), source, &text);
        match run {
            Some(run) => self.relay(run, Said::Log(text)),
            None => self.staff.printed(&text),
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
            flight::Next::Inline(value) => {
                let sender = self.sender.clone();
                tokio::task::spawn_blocking(move || {
                    let piece = super::files::inlined(value);
                    let _stopping = sender.send(Message::Inlined { run, piece });
                });
            }
            flight::Next::Stop => self.staff.tell_cancel(run),
            flight::Next::End(outcome) => self.end(run, outcome),
        }
    }

    /// The last of a prediction: its slot is free before anybody is told.
    fn end(&mut self, run: u64, outcome: Outcome) {
        let Some(flight) = self.flights.remove(&run) else { return };
        self.runs.remove(flight.id());
        self.echo.end(Some(run), Some(flight.id()));
        if outcome == Outcome::Succeeded {
            self.staff.succeeded();
        }
        flight.end(outcome, Instant::now());
        self.tell_drained();
    }

    fn tell_drained(&mut self) {
        if self.flights.is_empty() {
            for waiting in self.drained.drain(..) {
                let _left = waiting.send(());
            }
        }
    }
}
