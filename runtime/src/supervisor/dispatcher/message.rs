//! What is asked of the dispatcher, and what it answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cog_schema::envelope::{Health, HealthStatus};
use cog_schema::{Checked, Signature};
use serde_json::value::RawValue;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::supervisor::child::WorkerEvent;
use crate::supervisor::fetch::{Attached, Fetched};
use crate::supervisor::prediction::Prediction;
use crate::supervisor::subscription::Subscription;
use crate::supervisor::webhook::{Kept, Wanted};

/// What is known about the model once its first setup succeeded.
pub(in crate::supervisor) struct Model {
    pub(in crate::supervisor) signature: Arc<Signature>,
    /// The OpenAPI document, as the worker gave it.
    pub(in crate::supervisor) document: Arc<str>,
    /// Whether it can be trained.
    pub(in crate::supervisor) trains: bool,
}

/// A prediction to be made.
pub(in crate::supervisor) struct Order {
    pub(in crate::supervisor) id: String,
    pub(in crate::supervisor) checked: Checked,
    /// The files that came with it.
    pub(in crate::supervisor) attached: Attached,
    pub(in crate::supervisor) context: BTreeMap<String, String>,
    pub(in crate::supervisor) caller: Caller,
    /// Whether an id that is in flight is joined (PUT) or refused (POST).
    pub(in crate::supervisor) join: bool,
    /// How long its caller would wait for a slot, where they say so.
    pub(in crate::supervisor) patience: Option<Duration>,
    /// When it is to be cancelled.
    pub(in crate::supervisor) cancel_after: Option<Duration>,
    /// Who is told of what happens in it.
    pub(in crate::supervisor) webhook: Option<Wanted>,
    /// The headers by which a trace is followed.
    pub(in crate::supervisor) trace: Vec<(String, String)>,
}

/// What whoever made a prediction does while it runs. A prediction that is nobody's any more is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::supervisor) enum Caller {
    /// Waits for its end.
    Waits,
    /// Reads its events; anybody who does keeps it running.
    Streams,
    /// Left; it runs for itself.
    Leaves,
}

/// What became of an [`Order`].
pub(in crate::supervisor) enum Placed {
    /// It runs, or will; the receiver gets its end. Nobody may be told of it before its webhook is `kept`, where one
    /// is.
    Running { run: u64, end: oneshot::Receiver<End>, kept: Option<Kept> },
    /// It is read, new or not.
    Read(Subscription),
    /// It was running already: how it stands, as JSON.
    Joined(Vec<u8>),
    /// The id belongs to a prediction in flight.
    IdTaken,
    /// No worker to run it.
    NotReady,
    /// No slot.
    Busy,
    /// Too many read it.
    Crowded,
}

/// How the wait for a prediction ends.
pub(in crate::supervisor) enum End {
    /// The prediction has ended.
    Ended(Arc<Prediction>),
    /// It got no slot in time.
    NoSlot,
}

/// What became of the wish to read a prediction's events.
pub(in crate::supervisor) enum Joined {
    Read(Subscription),
    Unknown,
    Crowded,
}

/// What an orchestrator asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::supervisor) struct Standing {
    pub(in crate::supervisor) status: HealthStatus,
    /// Whether it shuts down.
    pub(in crate::supervisor) draining: bool,
}

/// The health of the server, and the author's opinion of each worker where there is one to wait for.
pub(in crate::supervisor) struct Checkup {
    pub(in crate::supervisor) health: Health,
    pub(in crate::supervisor) opinions: Vec<oneshot::Receiver<Option<String>>>,
}

/// What the dispatcher is told.
pub(super) enum Message {
    Create { order: Box<Order>, reply: oneshot::Sender<Placed> },
    Find { id: String, ended_too: bool, reply: oneshot::Sender<Option<Vec<u8>>> },
    Join { id: String, after: Option<usize>, ended_too: bool, reply: oneshot::Sender<Joined> },
    Read { run: u64, from: usize, reply: oneshot::Sender<Option<(Vec<u8>, usize)>> },
    Left { run: u64 },
    Impatient { run: u64 },
    TooLate { run: u64 },
    Cancel { id: String, reply: oneshot::Sender<bool> },
    HungUp { run: u64 },
    Health { reply: oneshot::Sender<Checkup> },
    Standing { reply: oneshot::Sender<Standing> },
    Metrics { reply: oneshot::Sender<String> },
    Drained { reply: oneshot::Sender<()> },
    Stop { reply: oneshot::Sender<()> },
    Prepared { run: u64, fetched: Result<Fetched, String> },
    Delivered { run: u64, number: u64, piece: Result<Box<RawValue>, String> },
    Overdue { run: u64 },
    Worker { post: usize, generation: u64, event: WorkerEvent },
    SetupOverdue { post: usize, generation: u64 },
    Respawn { post: usize },
}

/// Tells the dispatcher something after a pause.
pub(super) fn later(sender: &UnboundedSender<Message>, pause: Duration, message: Message) {
    let _runs_by_itself = spawn(sender, pause, message);
}

/// The same, unless dropped before: a client may ask for a pause of years.
pub(super) struct Timer(AbortHandle);

impl Timer {
    pub(super) fn new(sender: &UnboundedSender<Message>, pause: Duration, message: Message) -> Self {
        Self(spawn(sender, pause, message))
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn spawn(sender: &UnboundedSender<Message>, pause: Duration, message: Message) -> AbortHandle {
    let sender = sender.clone();
    let task = tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        let _stopping = sender.send(message);
    });
    task.abort_handle()
}
