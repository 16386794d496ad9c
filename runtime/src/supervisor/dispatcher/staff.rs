//! The worker's employment: hiring, what it is told, losing it, and what that does to the server's health.

use std::sync::Arc;
use std::time::Duration;

use cog_schema::envelope::HealthStatus;
use cog_schema::{Signature, openapi};
use serde_json::value::RawValue;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{oneshot, watch};

use super::message::{Message, later};
use super::{Checkup, Model};
use crate::journal;
use crate::protocol::{ToWorker, VERSION};
use crate::settings::Settings;
use crate::supervisor::child::Worker;
use crate::supervisor::clock;
use crate::supervisor::health::{Next, Vitals};

pub(super) struct Staff {
    settings: Arc<Settings>,
    sender: UnboundedSender<Message>,
    worker: Option<Worker>,
    generation: u64,
    vitals: Vitals,
    /// What Hello said, until Ready makes it public.
    greeting: Option<Arc<Model>>,
    model: watch::Sender<Option<Arc<Model>>>,
    slots: usize,
    /// Predictions that got their files while no worker was ready.
    waiting: Vec<(u64, ToWorker)>,
    ending: Option<Ending>,
    /// The server shuts down: nobody is hired any more.
    closed: bool,
    health_check: bool,
    probe: Option<Probe>,
    last_probe: u64,
}

/// Why the worker is about to be gone, where we know before it is.
enum Ending {
    /// Setup said that it failed, or did not end in time, or the worker speaks another protocol.
    Setup(String),
    /// It is killed because a prediction did not stop.
    Replaced,
    /// The server shuts down.
    Dismissed(oneshot::Sender<()>),
}

struct Probe {
    number: u64,
    waiting: Vec<oneshot::Sender<Option<String>>>,
}

/// What a lost worker means for its predictions.
pub(super) struct Loss {
    pub(super) cause: String,
    /// Whether it was killed on purpose.
    pub(super) replaced: bool,
    /// Predictions that waited for a worker that will not come.
    pub(super) orphans: Vec<u64>,
}

impl Staff {
    pub(super) fn new(
        settings: Arc<Settings>,
        sender: UnboundedSender<Message>,
        model: watch::Sender<Option<Arc<Model>>>,
    ) -> Self {
        Self {
            settings,
            sender,
            worker: None,
            generation: 0,
            vitals: Vitals::new(clock::now()),
            greeting: None,
            model,
            slots: 1,
            waiting: Vec::new(),
            ending: None,
            closed: false,
            health_check: false,
            probe: None,
            last_probe: 0,
        }
    }

    /// Starts a worker, unless there is one or the server shuts down. Gives the predictions that waited for one in
    /// vain.
    pub(super) fn hire(&mut self) -> Vec<u64> {
        if self.closed || self.worker.is_some() {
            return Vec::new();
        }
        self.generation += 1;
        let generation = self.generation;
        if generation > 1 {
            self.vitals.restarted(clock::now());
        }
        if let Some(limit) = self.settings.setup_timeout {
            later(&self.sender, limit, Message::SetupOverdue { generation });
        }
        let sender = self.sender.clone();
        let report = move |event| {
            let _stopping = sender.send(Message::Worker { generation, event });
        };
        match Worker::start(report) {
            Ok(worker) => self.worker = Some(worker),
            Err(error) => {
                let cause = format!("the model's process could not be started: {error}");
                journal::error(&cause);
                return self.after_death(&cause);
            }
        }
        Vec::new()
    }

    pub(super) fn is_current(&self, generation: u64) -> bool {
        self.generation == generation
    }

    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// The signature to check against, while there is a worker to run predictions.
    pub(super) fn signature(&self) -> Option<Arc<Signature>> {
        let model = self.model.borrow();
        model.as_ref().filter(|_| self.vitals.is_ready()).map(|model| Arc::clone(&model.signature))
    }

    /// The signature, whether or not there is a worker just now.
    pub(super) fn known_signature(&self) -> Option<Arc<Signature>> {
        self.model.borrow().as_ref().map(|model| Arc::clone(&model.signature))
    }

    pub(super) fn watch_model(&self) -> watch::Receiver<Option<Arc<Model>>> {
        self.model.subscribe()
    }

    pub(super) fn greeted(&mut self, protocol: u32, concurrency: usize, schema: &RawValue) {
        if protocol != VERSION {
            self.give_up_setup(format!(
                "the worker speaks version {protocol} of the protocol, not {VERSION}"
            ));
            return;
        }
        let read = serde_json::from_str(schema.get()).map_err(|error| error.to_string());
        match read.and_then(|document| openapi::read(&document).map_err(|fault| fault.to_string())) {
            Ok(signature) => {
                self.slots = concurrency.max(1);
                let document = Arc::from(schema.get());
                self.greeting = Some(Arc::new(Model { signature: Arc::new(signature), document }));
            }
            Err(fault) => self.give_up_setup(format!("the worker's schema cannot be read: {fault}")),
        }
    }

    pub(super) fn ready(&mut self, health_check: bool) {
        let Some(model) = self.greeting.take() else {
            self.give_up_setup("the worker was ready before it said hello".to_owned());
            return;
        };
        self.model.send_replace(Some(model));
        self.health_check = health_check;
        self.vitals.became_ready(clock::now());
        journal::info("ready");
        for (_, message) in std::mem::take(&mut self.waiting) {
            self.tell(&message);
        }
    }

    pub(super) fn setup_failed(&mut self, error: &str) {
        self.ending = Some(Ending::Setup(format!("setup failed: {error}")));
    }

    pub(super) fn setup_overdue(&mut self) {
        if self.vitals.is_starting() {
            let limit = self.settings.setup_timeout.unwrap_or_default().as_secs();
            self.give_up_setup(format!("setup timed out after {limit} s (COG_SETUP_TIMEOUT)"));
        }
    }

    /// Text that belongs to no prediction.
    pub(super) fn printed(&mut self, text: &str) {
        if self.vitals.is_starting() {
            self.vitals.setup_printed(text);
        }
    }

    /// Gives a prediction to the worker, now or when there is one again.
    ///
    /// # Errors
    /// A sentence, if there will be none or the input is too large to be sent.
    pub(super) fn assign(&mut self, run: u64, message: ToWorker) -> Result<(), String> {
        if self.vitals.is_starting() {
            self.waiting.push((run, message));
            return Ok(());
        }
        match &self.worker {
            Some(worker) => worker.send(&message).map_err(|error| error.to_string()),
            None => Err("the model's process died too often to be started again".to_owned()),
        }
    }

    /// Takes back a prediction that was still waiting for a worker; false if it was not.
    pub(super) fn withdraw(&mut self, run: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|(waiting, _)| *waiting != run);
        self.waiting.len() < before
    }

    pub(super) fn waiting(&self) -> Vec<u64> {
        self.waiting.iter().map(|(run, _)| *run).collect()
    }

    pub(super) fn tell_cancel(&self, run: u64) {
        self.tell(&ToWorker::Cancel { run });
    }

    pub(super) fn succeeded(&mut self) {
        self.vitals.succeeded();
    }

    /// Kills the worker because a prediction does not stop.
    pub(super) fn replace(&mut self) {
        if let (Some(worker), None) = (&self.worker, &self.ending) {
            worker.kill();
            self.ending = Some(Ending::Replaced);
        }
    }

    /// Kills the worker for good.
    pub(super) fn dismiss(&mut self, gone: oneshot::Sender<()>) {
        self.closed = true;
        match &self.worker {
            Some(worker) => {
                worker.kill();
                self.ending = Some(Ending::Dismissed(gone));
            }
            None => {
                let _left = gone.send(());
            }
        }
    }

    /// The worker is gone.
    pub(super) fn lost(&mut self, cause: String) -> Loss {
        self.worker = None;
        self.probe = None;
        let cause = match self.ending.take() {
            Some(Ending::Setup(cause)) => cause,
            Some(Ending::Replaced) => {
                self.vitals.replaced();
                let orphans = self.hire();
                let cause = "the model's process was restarted, because another prediction did not stop \
                             when it was cancelled";
                return Loss { cause: cause.to_owned(), replaced: true, orphans };
            }
            Some(Ending::Dismissed(gone)) => {
                let _left = gone.send(());
                let cause = "the server was shut down".to_owned();
                return Loss { cause, replaced: true, orphans: self.waiting() };
            }
            None => cause,
        };
        journal::error(&cause);
        let orphans = self.after_death(&cause);
        Loss { cause, replaced: false, orphans }
    }

    /// The health of the server in a word, without the author's opinion.
    pub(super) fn status(&self, every_slot_taken: bool) -> HealthStatus {
        self.vitals.status(every_slot_taken)
    }

    pub(super) fn worker_process(&self) -> Option<i32> {
        self.worker.as_ref().and_then(Worker::process)
    }

    /// The health of the server.
    pub(super) fn checkup(&mut self, every_slot_taken: bool) -> Checkup {
        let health = self.vitals.report(every_slot_taken);
        if !(self.health_check && self.vitals.is_ready()) {
            return Checkup { health, opinion: None };
        }
        let (reply, opinion) = oneshot::channel();
        match &mut self.probe {
            Some(probe) => probe.waiting.push(reply),
            None => {
                self.last_probe += 1;
                self.probe = Some(Probe { number: self.last_probe, waiting: vec![reply] });
                self.tell(&ToWorker::Health { probe: self.last_probe });
            }
        }
        Checkup { health, opinion: Some(opinion) }
    }

    /// The author's health check has an answer.
    pub(super) fn opined(&mut self, number: u64, error: Option<String>) {
        if let Some(probe) = self.probe.take_if(|probe| probe.number == number) {
            for waiting in probe.waiting {
                let _left = waiting.send(error.clone());
            }
        }
    }

    fn give_up_setup(&mut self, cause: String) {
        if let Some(worker) = &self.worker {
            worker.kill();
        }
        self.ending = Some(Ending::Setup(cause));
    }

    /// Hires again, now or later, or not; gives the predictions that then wait in vain.
    fn after_death(&mut self, cause: &str) -> Vec<u64> {
        match self.vitals.died(clock::now(), cause) {
            Next::Respawn(Duration::ZERO) => self.hire(),
            Next::Respawn(pause) => {
                later(&self.sender, pause, Message::Respawn);
                Vec::new()
            }
            Next::GiveUp => std::mem::take(&mut self.waiting).into_iter().map(|(run, _)| run).collect(),
        }
    }

    fn tell(&self, message: &ToWorker) {
        if let Some(worker) = &self.worker
            && let Err(error) = worker.send(message)
        {
            journal::error(&format!("a message to the worker could not be sent: {error}"));
        }
    }
}
