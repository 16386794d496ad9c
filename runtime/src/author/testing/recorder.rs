//! What a prediction reports to in a test: everything is kept.

use std::collections::BTreeMap;
use std::future::Future;
use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use crate::metrics::Metrics;
use crate::model::{Failure, LogSource, MetricMode, OutputValue, Reporter};
use crate::worker::Cancellation;

/// Everything that a prediction reported.
#[derive(Default)]
pub(super) struct Recorder {
    pieces: Mutex<Vec<OutputValue>>,
    logs: Mutex<String>,
    metrics: Mutex<Metrics>,
    context: BTreeMap<String, String>,
    cancellation: Cancellation,
    ended: Cancellation,
}

impl Recorder {
    pub(super) fn pieces(&self) -> Vec<OutputValue> {
        take(&mut *locked(&self.pieces))
    }

    pub(super) fn logs(&self) -> String {
        take(&mut *locked(&self.logs))
    }

    pub(super) fn metrics(&self) -> Map<String, Value> {
        locked(&self.metrics).tree().clone()
    }

    /// Gives the prediction up after that long, unless it has ended by then.
    pub(super) fn cancel_after(&self, patience: Duration) {
        if !self.ended.sleep(patience) {
            self.cancellation.cancel();
        }
    }

    pub(super) fn end(&self) {
        self.ended.cancel();
    }

    /// An asynchronous prediction, dropped when it is given up.
    pub(super) fn until_cancelled(
        self: &Arc<Self>,
        future: BoxFuture<'static, Result<(), Failure>>,
    ) -> impl Future<Output = Result<(), Failure>> + use<> {
        let recorder = Arc::clone(self);
        async move {
            tokio::select! {
                result = future => result,
                () = recorder.cancellation.cancelled() => Err(Failure::Canceled),
            }
        }
    }
}

impl Reporter for Recorder {
    fn id(&self) -> &str {
        "test"
    }

    fn context(&self) -> &BTreeMap<String, String> {
        &self.context
    }

    fn output(&self, value: OutputValue) -> BoxFuture<'_, Result<(), Failure>> {
        let kept = self.output_blocking(value);
        async move { kept }.boxed()
    }

    fn output_blocking(&self, value: OutputValue) -> Result<(), Failure> {
        locked(&self.pieces).push(value);
        Ok(())
    }

    fn log(&self, _: LogSource, text: &str) {
        locked(&self.logs).push_str(text);
    }

    fn metric(&self, name: &str, value: Value, mode: MetricMode) -> Result<(), String> {
        locked(&self.metrics).record(name, value, mode)
    }

    fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    fn cancelled(&self) -> BoxFuture<'_, ()> {
        self.cancellation.cancelled().boxed()
    }

    fn sleep(&self, limit: Duration) -> bool {
        self.cancellation.sleep(limit)
    }
}

/// What was kept before a panic is still what was reported.
fn locked<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
