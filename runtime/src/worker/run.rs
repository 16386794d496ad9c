//! One prediction inside the worker: what the author's code reports to, and how it learns that it is given up.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::Notify;

use super::capture::Capture;
use super::outlet::Outlet;
use crate::metrics::Metrics;
use crate::model::{Failure, LogSource, MetricMode, OutputValue, Reporter};
use crate::protocol::{FromWorker, SpanTimes, WireValue};

/// Whether the caller has given up, for code that polls, blocks or awaits.
#[derive(Default)]
pub(crate) struct Cancellation {
    given_up: AtomicBool,
    awaiting: Notify,
    blocked: Condvar,
    lock: Mutex<()>,
}

impl Cancellation {
    pub(crate) fn cancel(&self) {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.given_up.store(true, Ordering::SeqCst);
        drop(guard);
        self.blocked.notify_all();
        self.awaiting.notify_waiters();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.given_up.load(Ordering::SeqCst)
    }

    pub(crate) async fn cancelled(&self) {
        let notified = self.awaiting.notified();
        tokio::pin!(notified);
        notified.as_mut().enable();
        if !self.is_cancelled() {
            notified.await;
        }
    }

    /// Blocks for at most `limit`; true if cancelled.
    pub(crate) fn sleep(&self, limit: Duration) -> bool {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = self.blocked.wait_timeout_while(guard, limit, |()| !self.is_cancelled());
        drop(wait);
        self.is_cancelled()
    }
}

/// What the supervisor wants made.
pub(super) struct Order {
    pub(super) run: u64,
    pub(super) id: String,
    pub(super) input: Box<RawValue>,
    pub(super) context: BTreeMap<String, String>,
    pub(super) trace: Option<String>,
}

/// The running side of one prediction, in the worker.
pub(super) struct Run {
    pub(super) number: u64,
    pub(super) id: String,
    pub(super) context: BTreeMap<String, String>,
    pub(super) trace: Option<String>,
    /// When the author's function was called; kept only for the trace.
    pub(super) called: OnceLock<(SystemTime, Instant)>,
    pub(super) cancellation: Cancellation,
    /// Whether pieces of output stop being taken once the caller has given up.
    pub(super) piecewise: bool,
    pub(super) metrics: Mutex<Metrics>,
    pub(super) capture: Arc<Capture>,
    pub(super) outlet: Arc<Outlet>,
}

impl Run {
    /// The author's function is called now.
    pub(super) fn begin(&self) {
        if self.trace.is_some() {
            self.called.get_or_init(|| (SystemTime::now(), Instant::now()));
        }
    }

    /// It has returned.
    pub(super) fn end(&self) {
        if let Some((start, at)) = self.called.get() {
            self.span("predict", *start, at.elapsed());
        }
    }
}

impl Reporter for Run {
    fn id(&self) -> &str {
        &self.id
    }

    fn context(&self) -> &BTreeMap<String, String> {
        &self.context
    }

    fn output(&self, value: OutputValue) -> BoxFuture<'_, Result<(), Failure>> {
        let sent = self.output_blocking(value);
        async move { sent }.boxed()
    }

    fn output_blocking(&self, value: OutputValue) -> Result<(), Failure> {
        if self.piecewise && self.is_cancelled() {
            return Err(Failure::Canceled);
        }
        let value = WireValue::try_from(value).map_err(Failure::Error)?;
        self.capture.settle();
        let output = FromWorker::Output { run: self.number, value };
        if self.piecewise {
            self.outlet.send(&output);
        } else {
            // The one value is followed by the end at once.
            self.outlet.hold(&output);
        }
        Ok(())
    }

    fn log(&self, source: LogSource, text: &str) {
        self.capture.settle();
        self.outlet.send(&FromWorker::Log { run: Some(self.number), source, text: text.to_owned() });
    }

    fn metric(&self, name: &str, value: Value, mode: MetricMode) -> Result<(), String> {
        let mut metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        metrics.record(name, value.clone(), mode)?;
        // What was printed before comes before.
        self.capture.settle();
        self.outlet.send(&FromWorker::Metric { run: self.number, name: name.to_owned(), value, mode });
        Ok(())
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

    fn traceparent(&self) -> Option<&str> {
        self.trace.as_deref()
    }

    fn span(&self, name: &str, start: SystemTime, took: Duration) {
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let start = nanoseconds(start.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
        let times = SpanTimes { start, took: nanoseconds(took) };
        self.outlet.hold(&FromWorker::Span { run: self.number, name: name.to_owned(), times });
    }
}
