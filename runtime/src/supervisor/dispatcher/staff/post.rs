//! A place for one worker: hiring, what it is told, losing it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use cog_schema::envelope::{HealthStatus, SetupReport};
use cog_schema::openapi;
use serde_json::value::RawValue;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use crate::command::Mode;
use crate::journal;
use crate::protocol::{ToWorker, VERSION};
use crate::settings::Settings;
use crate::supervisor::child::Worker;
use crate::supervisor::clock::Moment;
use crate::supervisor::death::Loss;
use crate::supervisor::dispatcher::Model;
use crate::supervisor::dispatcher::message::{Message, later};
use crate::supervisor::health::{Next, Vitals};
use crate::supervisor::workers::{self, Place};

/// How long to wait where the system has not got what a process takes.
const SHORTAGE: Duration = Duration::from_secs(1);

/// Said instead of starting the model where it would have to do without what it requires.
const NO_GPU: &str = "this model requires an NVIDIA GPU (COG_REQUIRE_GPU) and there is none in this container: start it \
                      with GPUs, as by `docker run --gpus all`, or without the variable to try the CPU";

pub(super) struct Post {
    number: usize,
    place: Place,
    settings: Arc<Settings>,
    sender: UnboundedSender<Message>,
    worker: Option<Worker>,
    generation: u64,
    vitals: Vitals,
    /// What Hello said, until Ready makes it public.
    greeting: Option<Arc<Model>>,
    slots: usize,
    /// How many predictions the worker has.
    busy: usize,
    ending: Option<Ending>,
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
    Dismissed,
}

struct Probe {
    number: u64,
    waiting: Vec<oneshot::Sender<Option<String>>>,
}

impl Post {
    pub(super) fn new(
        number: usize,
        place: Place,
        settings: Arc<Settings>,
        sender: UnboundedSender<Message>,
    ) -> Self {
        Self {
            number,
            place,
            settings,
            sender,
            worker: None,
            generation: 0,
            vitals: Vitals::new(Moment::now()),
            greeting: None,
            slots: 1,
            busy: 0,
            ending: None,
            health_check: false,
            probe: None,
            last_probe: 0,
        }
    }

    pub(super) fn hire(&mut self) {
        if self.worker.is_some() {
            return;
        }
        self.generation += 1;
        self.ending = None;
        let (post, generation) = (self.number, self.generation);
        if generation > 1 {
            self.vitals.restarted(Moment::now());
        }
        if self.settings.gpu_required && !workers::sees_gpu() {
            journal::error(NO_GPU);
            self.after_death(NO_GPU);
            return;
        }
        if let Some(limit) = self.settings.setup_timeout {
            later(&self.sender, limit, Message::SetupOverdue { post, generation });
        }
        let sender = self.sender.clone();
        let report = move |event| {
            let _stopping = sender.send(Message::Worker { post, generation, event });
        };
        match Worker::start(&self.place, self.settings.mode, report) {
            Ok(worker) => self.worker = Some(worker),
            Err(error) if is_shortage(&error) => {
                journal::error(&format!("the model's process cannot be started yet: {error}"));
                later(&self.sender, SHORTAGE, Message::Respawn { post });
            }
            Err(error) => {
                let cause = format!("the model's process could not be started: {error}");
                journal::error(&cause);
                self.after_death(&cause);
            }
        }
    }

    pub(super) fn is_current(&self, generation: u64) -> bool {
        self.generation == generation
    }

    pub(super) fn is_ready(&self) -> bool {
        self.vitals.is_ready()
    }

    pub(super) fn is_given_up(&self) -> bool {
        !self.vitals.is_ready() && !self.vitals.is_starting()
    }

    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// How many more predictions its worker can take now; `None` for none.
    pub(super) fn room(&self) -> Option<usize> {
        let free = self.slots.saturating_sub(self.busy);
        // One that is killed is ready until it is gone.
        let takes_more = self.is_ready() && self.worker.is_some() && self.ending.is_none();
        (free > 0 && takes_more).then_some(free)
    }

    pub(super) fn greeted(&mut self, protocol: u32, concurrency: usize, schema: &RawValue) {
        self.vitals.phase_began("setup".to_owned(), Moment::now());
        if protocol != VERSION {
            self.give_up_setup(format!(
                "the worker speaks version {protocol} of the protocol, not {VERSION}"
            ));
            return;
        }
        let read = match self.settings.mode {
            Mode::Predict => openapi::read,
            Mode::Train => openapi::read_training,
        };
        let document = serde_json::from_str(schema.get()).map_err(|error| error.to_string());
        let read = document.and_then(|document| {
            let signature = read(&document).map_err(|fault| fault.to_string())?;
            Ok((Arc::new(signature), openapi::trains(&document)))
        });
        match read {
            Ok((signature, trains)) => {
                self.slots = concurrency.max(1);
                let document = Arc::from(schema.get());
                self.greeting = Some(Arc::new(Model { signature, document, trains }));
            }
            Err(fault) => self.give_up_setup(format!("the worker's schema cannot be read: {fault}")),
        }
    }

    pub(super) fn phase_began(&mut self, name: String) {
        if self.vitals.is_starting() {
            self.vitals.phase_began(name, Moment::now());
        }
    }

    /// The worker takes predictions from here on. Gives what it said of itself.
    pub(super) fn ready(&mut self, health_check: bool) -> Option<Arc<Model>> {
        let Some(model) = self.greeting.take() else {
            self.give_up_setup("the worker was ready before it said hello".to_owned());
            return None;
        };
        self.health_check = health_check;
        self.vitals.became_ready(Moment::now());
        journal::info(&format!("ready{}", self.place.suffix()));
        Some(model)
    }

    pub(super) fn setup_failed(&mut self, error: &str) {
        self.ending = Some(Ending::Setup(format!("setup failed: {error}")));
    }

    pub(super) fn setup_overdue(&mut self) {
        if self.worker.is_some() && self.vitals.is_starting() {
            let limit = self.settings.setup_timeout.unwrap_or_default().as_secs();
            self.give_up_setup(format!("setup timed out after {limit} s (COG_SETUP_TIMEOUT)"));
        }
    }

    pub(super) fn printed(&mut self, text: &str) {
        if self.vitals.is_starting() {
            self.vitals.setup_printed(text);
        }
    }

    /// Gives a prediction to the worker.
    ///
    /// # Errors
    /// If its input is too large to be sent.
    pub(super) fn give(&mut self, message: &ToWorker) -> io::Result<()> {
        if let Some(worker) = &self.worker {
            worker.send(message)?;
        }
        self.busy += 1;
        Ok(())
    }

    pub(super) fn relieve(&mut self, succeeded: bool) {
        self.busy = self.busy.saturating_sub(1);
        if succeeded {
            self.vitals.succeeded();
        }
    }

    /// Kills the worker because a prediction does not stop.
    pub(super) fn replace(&mut self) {
        if let (Some(worker), None) = (&self.worker, &self.ending) {
            worker.kill();
            self.ending = Some(Ending::Replaced);
        }
    }

    /// Kills the worker for good.
    pub(super) fn dismiss(&mut self) {
        if let Some(worker) = &self.worker {
            worker.kill();
            self.ending = Some(Ending::Dismissed);
        }
    }

    /// The worker is gone; there will be another, unless the server is closing.
    pub(super) fn lost(&mut self, loss: Loss, closing: bool) -> Loss {
        self.worker = None;
        self.probe = None;
        let lost = match self.ending.take() {
            Some(Ending::Setup(cause)) => Loss { cause, kind: "setup" },
            Some(Ending::Replaced) => {
                self.vitals.replaced();
                if !closing {
                    self.hire();
                }
                let cause = "the model's process was restarted, because another prediction did not stop \
                             when it was cancelled";
                return Loss { cause: cause.to_owned(), kind: "replaced" };
            }
            Some(Ending::Dismissed) => {
                return Loss { cause: "the server was shut down".to_owned(), kind: "dismissed" };
            }
            None => loss,
        };
        journal::error(&format!("{}{}", lost.cause, self.place.suffix()));
        if !closing {
            self.after_death(&lost.cause);
        }
        lost
    }

    pub(super) fn status(&self, every_slot_taken: bool) -> HealthStatus {
        self.vitals.status(every_slot_taken)
    }

    pub(super) fn setup(&self) -> &SetupReport {
        self.vitals.setup()
    }

    pub(super) fn process(&self) -> Option<i32> {
        self.worker.as_ref().and_then(Worker::process)
    }

    /// Asks the author's health check, where there is one and a worker to run it.
    pub(super) fn probe(&mut self) -> Option<oneshot::Receiver<Option<String>>> {
        if !(self.health_check && self.vitals.is_ready()) {
            return None;
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
        Some(opinion)
    }

    pub(super) fn opined(&mut self, number: u64, error: Option<String>) {
        if let Some(probe) = self.probe.take_if(|probe| probe.number == number) {
            for waiting in probe.waiting {
                let _left = waiting.send(error.clone());
            }
        }
    }

    pub(super) fn tell(&self, message: &ToWorker) {
        if let Some(worker) = &self.worker
            && let Err(error) = worker.send(message)
        {
            journal::error(&format!("a message to the worker could not be sent: {error}"));
        }
    }

    fn give_up_setup(&mut self, cause: String) {
        if let Some(worker) = &self.worker {
            worker.kill();
        }
        self.ending = Some(Ending::Setup(cause));
    }

    /// Hires again, now or later, or not.
    fn after_death(&mut self, cause: &str) {
        match self.vitals.died(Moment::now(), cause) {
            Next::Respawn(Duration::ZERO) => self.hire(),
            Next::Respawn(pause) => later(&self.sender, pause, Message::Respawn { post: self.number }),
            Next::GiveUp => {}
        }
    }
}

/// Whether there may be in a moment what is missing now: descriptors, processes, memory.
fn is_shortage(error: &io::Error) -> bool {
    let shortages = [libc::EMFILE, libc::ENFILE, libc::EAGAIN, libc::ENOMEM, libc::ENOBUFS];
    error.raw_os_error().is_some_and(|code| shortages.contains(&code))
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[test]
    fn a_setup_that_waits_for_its_process_is_not_overdue() {
        let (sender, _messages) = unbounded_channel();
        let mut post = Post::new(0, Place::default(), Arc::new(Settings::from_env()), sender);
        post.setup_overdue();
        assert!(post.ending.is_none(), "the next worker would have to answer for it");
    }
}
