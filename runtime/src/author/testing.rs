//! Runs a predictor from a JSON input, without a server, for a model's own tests.
//!
//! ```
//! use cog::prelude::*;
//! use serde_json::json;
//!
//! #[cog::predict]
//! fn hello(name: String, ctx: &Prediction) -> String {
//!     cog::log!(ctx, "greeting {name}");
//!     format!("Hello, {name}!")
//! }
//!
//! let outcome = cog::testing::predict::<hello>(json!({"name": "Ada"}));
//! assert_eq!(outcome.output, json!("Hello, Ada!"));
//! assert_eq!(outcome.logs, "greeting Ada\n");
//!
//! let outcome = cog::testing::predict::<hello>(json!({}));
//! assert_eq!(outcome.error.as_deref(), Some("input `name`: Field required"));
//! ```
//!
//! The input is checked and completed by the same rule as a request's, files are local paths, and what the
//! prediction prints goes where the test's own prints go.

mod recorder;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cog_schema::Delivery;
pub use cog_schema::envelope::Status;
use recorder::Recorder;
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use crate::model::{Failure, OutputValue, Prediction, Predictor, Running, Setup};
use crate::{Error, Result};

/// What became of a prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// What came out, as a caller sees it, but for files, which are local paths. Pieces are a list; of a
    /// prediction that failed on the way, the list so far.
    pub output: Value,
    /// What the prediction wrote with [`cog::log!`](crate::log).
    pub logs: String,
    /// The metrics it recorded.
    pub metrics: Map<String, Value>,
    /// Why it failed.
    pub error: Option<String>,
}

impl Outcome {
    /// The output.
    ///
    /// # Panics
    /// Where the prediction did not succeed, with its error.
    #[track_caller]
    pub fn unwrap(self) -> Value {
        assert!(self.status == Status::Succeeded, "the prediction {}", self.ending());
        self.output
    }

    /// The error.
    ///
    /// # Panics
    /// Where the prediction did not fail.
    #[track_caller]
    pub fn unwrap_err(self) -> String {
        match self.error {
            Some(error) => error,
            None => panic!("the prediction {}", self.ending()),
        }
    }

    fn ending(&self) -> String {
        match &self.error {
            Some(error) => format!("{}: {error}", self.status.as_str()),
            None => self.status.as_str().to_owned(),
        }
    }
}

/// Sets a predictor up and makes one prediction; a failed setup fails it.
pub fn predict<P: Predictor>(input: Value) -> Outcome {
    match Model::<P>::setup() {
        Ok(model) => model.predict(input),
        Err(error) => failed(&format!("setup failed: {error}")),
    }
}

/// A predictor that was set up, for several predictions.
pub struct Model<P> {
    predictor: Arc<P>,
    // An `Option` so that it can be shut down from within another runtime, too.
    runtime: Option<Runtime>,
}

impl<P: Predictor> Model<P> {
    /// Runs `setup` as a worker would.
    ///
    /// # Errors
    /// The author's.
    pub fn setup() -> Result<Self> {
        Self::setup_with(Setup::by_environment())
    }

    /// Runs `setup` with its weights in that directory.
    ///
    /// # Errors
    /// The author's.
    pub fn setup_in(root: impl Into<PathBuf>) -> Result<Self> {
        Self::setup_with(Setup::of(root))
    }

    fn setup_with(setup: Setup) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let made = aside(|| {
            let _entered = runtime.enter();
            P::setup(&setup)
        });
        let predictor = Arc::new(made.map_err(error)?);
        Ok(Self { predictor, runtime: Some(runtime) })
    }

    /// Makes one prediction.
    pub fn predict(&self, input: Value) -> Outcome {
        self.run(input, None)
    }

    /// Makes one prediction for a caller who gives up after that long.
    pub fn predict_canceled_after(&self, patience: Duration, input: Value) -> Outcome {
        self.run(input, Some(patience))
    }

    /// Asks the predictor's health check, if it has one.
    ///
    /// # Errors
    /// Why the predictor is not healthy.
    pub fn healthcheck(&self) -> Result<()> {
        match Arc::clone(&self.predictor).health() {
            None => Ok(()),
            Some(running) => aside(|| self.drive(running)).map_err(error),
        }
    }

    fn run(&self, input: Value, patience: Option<Duration>) -> Outcome {
        let signature = P::signature();
        let checked = match signature.check_input(input) {
            Ok(checked) => checked,
            Err(details) => {
                let faults: Vec<_> = details.iter().map(ToString::to_string).collect();
                return failed(&faults.join("; "));
            }
        };
        let recorder = Arc::new(Recorder::default());
        let canceller = patience.map(|patience| {
            let recorder = Arc::clone(&recorder);
            std::thread::spawn(move || recorder.cancel_after(patience))
        });
        let prediction = Prediction { inner: Arc::clone(&recorder) as _ };
        let predictor = Arc::clone(&self.predictor);
        let ended = aside(|| match predictor.predict(checked.input, prediction) {
            Running::Async(future) => self.drive(Running::Async(Box::pin(recorder.until_cancelled(future)))),
            blocking => self.drive(blocking),
        });
        recorder.end();
        drop(canceller.map(std::thread::JoinHandle::join));
        outcome(ended, &recorder, signature.output.delivery)
    }

    fn drive(&self, running: Running) -> Result<(), Failure> {
        match (running, &self.runtime) {
            (Running::Blocking(code), Some(runtime)) => {
                let _entered = runtime.enter();
                code()
            }
            (Running::Async(future), Some(runtime)) => runtime.block_on(future),
            (_, None) => Err(Failure::Canceled),
        }
    }
}

impl<P> Drop for Model<P> {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Runs the model's code on a thread of its own, so that a test which is itself asynchronous can call it. A panic
/// becomes a failure.
fn aside<T: Send>(code: impl FnOnce() -> Result<T, Failure> + Send) -> Result<T, Failure> {
    std::thread::scope(|scope| {
        let caught = scope.spawn(|| catch_unwind(AssertUnwindSafe(code))).join().and_then(|caught| caught);
        caught.unwrap_or_else(|payload| {
            let words = payload.downcast_ref::<&str>().copied();
            let words = words.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            Err(Failure::Error(format!("panicked: {}", words.unwrap_or("without words"))))
        })
    })
}

fn error(failure: Failure) -> Error {
    match failure {
        Failure::Error(error) => Error::msg(error),
        Failure::Canceled => crate::Canceled.into(),
    }
}

fn failed(error: &str) -> Outcome {
    let error = Some(error.to_owned());
    Outcome { status: Status::Failed, output: Value::Null, logs: String::new(), metrics: Map::new(), error }
}

fn outcome(ended: Result<(), Failure>, recorder: &Recorder, delivery: Delivery) -> Outcome {
    let (status, error) = match ended {
        Ok(()) => (Status::Succeeded, None),
        Err(Failure::Canceled) => (Status::Canceled, None),
        Err(Failure::Error(error)) => (Status::Failed, Some(error)),
    };
    let mut pieces: Vec<Value> = recorder.pieces().into_iter().map(OutputValue::into_plain).collect();
    let output = match delivery {
        Delivery::Single => pieces.pop().unwrap_or_default(),
        Delivery::Iterator | Delivery::Concatenate => Value::Array(pieces),
    };
    Outcome { status, output, logs: recorder.logs(), metrics: recorder.metrics(), error }
}
