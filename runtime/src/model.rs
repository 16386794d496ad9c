//! The narrow door between an author's predictor and whatever runs it (the worker, the one-shot command, tests).
//!
//! The author's side (traits, macros) implements [`Predictor`]; the running side implements [`Reporter`] and
//! drives predictions. Neither knows more of the other than this file.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cog_schema::Signature;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use crate::author::managed::Managed;

/// A predictor as the running side sees it. Implemented by the macros' expansion, not by hand.
#[doc(hidden)]
pub trait Predictor: Sized + Send + Sync + 'static {
    /// How many calls of its function one worker runs at the same time.
    const CONCURRENCY: usize;

    /// How several predictions are made by one call; `None` where each is made by a call of its own.
    const BATCH: Option<Batch<Self>> = None;

    /// The typed inputs and output.
    fn signature() -> Signature;

    /// Makes the predictor. Runs once per worker, on a thread of its own; an `async fn setup` is driven to its end
    /// here (the caller has entered a tokio runtime).
    fn setup(setup: &Setup) -> Result<Self, Failure>;

    /// Starts one prediction on checked, complete input: every input is present (defaults filled in by
    /// `Signature`), files are local paths.
    fn predict(self: Arc<Self>, input: Map<String, Value>, prediction: Prediction) -> Running;

    /// The author's health check; `None` where there is none.
    fn health(self: Arc<Self>) -> Option<Running>;
}

/// How several predictions are made by one call.
#[doc(hidden)]
pub struct Batch<P> {
    /// How many, at most.
    pub max: usize,
    /// How long the first of them waits for others at most.
    pub wait: Duration,
    /// Makes them, on a thread that may block, and tells how each ended, in their order.
    pub run: fn(&P, Vec<Item>) -> Vec<Ended>,
}

/// How one of the predictions in a batch ended.
#[doc(hidden)]
pub type Ended = Result<(), Failure>;

/// One of the predictions in a batch.
#[doc(hidden)]
pub struct Item {
    /// Checked, complete input.
    pub input: Map<String, Value>,
    /// What it reports to.
    pub prediction: Prediction,
}

/// A started prediction, to be driven by the running side.
#[doc(hidden)]
pub enum Running {
    /// A plain function: call it on a thread that may block.
    Blocking(Box<dyn FnOnce() -> Result<(), Failure> + Send>),
    /// An asynchronous function: poll it; dropping it cancels it.
    Async(BoxFuture<'static, Result<(), Failure>>),
}

/// Why a setup or a prediction did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The author's error, or a value that could not be read or written, as text.
    Error(String),
    /// The prediction noticed that it was cancelled and stopped.
    Canceled,
}

/// What `setup` is given.
pub struct Setup {
    /// Where the model's files are: `COG_WEIGHTS_DIR`, else the working directory.
    pub(crate) root: PathBuf,
    /// Where the weights are that `cog.yaml` lists.
    pub(crate) managed: Managed,
    /// Who is told of the parts of setup.
    pub(crate) phases: Option<PhaseListener>,
}

/// Is told the name of each part of setup that begins.
pub(crate) type PhaseListener = Box<dyn Fn(&str) + Send + Sync>;

/// A running prediction, as the author's code sees it. Cheap to clone.
#[derive(Clone)]
pub struct Prediction {
    pub(crate) inner: Arc<dyn Reporter>,
}

/// The running side of one prediction.
#[doc(hidden)]
pub trait Reporter: Send + Sync + 'static {
    /// The prediction's id.
    fn id(&self) -> &str;
    /// The envelope's `context`.
    fn context(&self) -> &std::collections::BTreeMap<String, String>;
    /// Hands over a piece of output (the only one where the delivery is single); waits where the reader is slow.
    fn output(&self, value: OutputValue) -> BoxFuture<'_, Result<(), Failure>>;
    /// The same from a thread that may block.
    fn output_blocking(&self, value: OutputValue) -> Result<(), Failure>;
    /// A line or more of log text that belongs to this prediction whatever thread it comes from.
    fn log(&self, source: LogSource, text: &str);
    /// Records a metric.
    fn metric(&self, name: &str, value: Value, mode: MetricMode) -> Result<(), String>;
    /// Whether the caller has given up.
    fn is_cancelled(&self) -> bool;
    /// Completes when the caller gives up.
    fn cancelled(&self) -> BoxFuture<'_, ()>;
    /// Blocks for at most `limit`, less if the caller gives up; true if cancelled.
    fn sleep(&self, limit: Duration) -> bool;
    /// Its place in its trace, where somebody follows that.
    fn traceparent(&self) -> Option<&str> {
        None
    }
    /// What a part of it took.
    fn span(&self, _name: &str, _start: SystemTime, _took: Duration) {}
}

/// An output on its way out: JSON in which files are still paths.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputValue {
    /// Plain JSON.
    Json(Value),
    /// A file the predictor wrote.
    File(PathBuf),
    /// A list.
    List(Vec<OutputValue>),
    /// A structure.
    Object(Vec<(String, OutputValue)>),
}

/// Where log text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogSource {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How a metric combines with what was recorded under its name before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricMode {
    /// Takes the place of it.
    Replace,
    /// Is added to it.
    Increment,
    /// Is appended to it.
    Append,
}
