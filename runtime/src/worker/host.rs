//! The predictor and the predictions it is running.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use cog_schema::Delivery;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tokio::runtime::Handle;

use super::batch::{Batches, Waiting};
use super::capture::Capture;
use super::outlet::Outlet;
use super::panic;
use super::pool::Pool;
use super::run::{Cancellation, Order, Run};
use crate::model::{Failure, Item, Prediction, Predictor, Running};
use crate::protocol::{FromWorker, Outcome, ToWorker};

pub(super) struct Host<P> {
    predictor: OnceLock<Arc<P>>,
    runs: Mutex<HashMap<u64, Arc<Run>>>,
    piecewise: bool,
    /// Where predictions are made together.
    batches: Option<Batches>,
    /// Learned from the first prediction; an asynchronous one needs no thread of its own.
    asynchronous: AtomicBool,
    runtime: Handle,
    capture: Arc<Capture>,
    outlet: Arc<Outlet>,
}

impl<P: Predictor> Host<P> {
    pub(super) fn new(runtime: Handle, capture: Arc<Capture>, outlet: Arc<Outlet>) -> Self {
        Self {
            predictor: OnceLock::new(),
            runs: Mutex::default(),
            piecewise: P::signature().output.delivery != Delivery::Single,
            batches: P::BATCH.map(|batch| Batches::new(batch.max, batch.wait)),
            asynchronous: AtomicBool::new(false),
            runtime,
            capture,
            outlet,
        }
    }

    /// Takes the predictor that setup made; true if it has a health check.
    pub(super) fn adopt(&self, predictor: P) -> bool {
        let predictor = self.predictor.get_or_init(|| Arc::new(predictor));
        Arc::clone(predictor).health().is_some()
    }

    /// Does what the supervisor says. Returns at once.
    pub(super) fn hear(self: &Arc<Self>, pool: &Arc<Pool>, message: ToWorker) {
        match message {
            ToWorker::Run { run, id, input, context, trace } => {
                self.begin(pool, Order { run, id, input, context, trace });
            }
            ToWorker::Cancel { run } => self.cancel(run),
            ToWorker::Health { probe } => self.probe(probe),
        }
    }

    /// Starts a prediction.
    fn begin(self: &Arc<Self>, pool: &Arc<Pool>, order: Order) {
        let Order { run, id, input, context, trace } = order;
        let reporter = Arc::new(Run {
            number: run,
            id,
            context,
            trace,
            called: OnceLock::new(),
            cancellation: Cancellation::default(),
            piecewise: self.piecewise,
            metrics: Mutex::default(),
            capture: Arc::clone(&self.capture),
            outlet: Arc::clone(&self.outlet),
        });
        self.runs().insert(run, Arc::clone(&reporter));
        let host = Arc::clone(self);
        if let Some(batches) = &self.batches {
            batches.push(Waiting { run: reporter, input });
            pool.submit(Box::new(move || host.make_together()));
            return;
        }
        if self.asynchronous.load(Ordering::Relaxed) {
            self.runtime.spawn(async move {
                match host.call(&reporter, &input) {
                    Ok(Running::Async(future)) => host.drive(reporter, future).await,
                    Ok(Running::Blocking(code)) => host.finish(&reporter, panic::caught(code)),
                    Err(failure) => host.finish(&reporter, Err(failure)),
                }
            });
            return;
        }
        pool.submit(Box::new(move || {
            let _entered = host.runtime.enter();
            match host.call(&reporter, &input) {
                Ok(Running::Blocking(code)) => host.finish(&reporter, panic::caught(code)),
                Ok(Running::Async(future)) => {
                    host.asynchronous.store(true, Ordering::Relaxed);
                    let runtime = host.runtime.clone();
                    runtime.spawn(async move { host.drive(reporter, future).await });
                }
                Err(failure) => host.finish(&reporter, Err(failure)),
            }
        }));
    }

    /// Tells a prediction that its caller gave up.
    fn cancel(&self, run: u64) {
        let found = self.runs().get(&run).map(Arc::clone);
        if let Some(run) = found {
            run.cancellation.cancel();
            if self.batches.as_ref().is_some_and(|batches| batches.give_up(run.number)) {
                self.finish(&run, Err(Failure::Canceled));
            }
        }
    }

    /// Runs the author's health check beside whatever else is running.
    fn probe(self: &Arc<Self>, probe: u64) {
        let Some(predictor) = self.predictor.get().map(Arc::clone) else { return };
        let host = Arc::clone(self);
        let check = move || {
            let result = match panic::caught(|| Ok(predictor.health())) {
                Ok(Some(Running::Blocking(code))) => panic::caught(code),
                Ok(Some(Running::Async(future))) => panic::caught(|| host.runtime.block_on(future)),
                Ok(None) => Ok(()),
                Err(failure) => Err(failure),
            };
            let error = match result {
                Ok(()) => None,
                Err(Failure::Error(error)) => Some(error),
                Err(Failure::Canceled) => Some("the health check was cancelled".to_owned()),
            };
            host.outlet.send(&FromWorker::Health { probe, error });
        };
        if let Err(error) = std::thread::Builder::new().name("health".into()).spawn(check) {
            let error = Some(format!("no thread for the health check: {error}"));
            self.outlet.send(&FromWorker::Health { probe, error });
        }
    }

    fn call(&self, reporter: &Arc<Run>, input: &RawValue) -> Result<Running, Failure> {
        self.capture.enter(reporter.number);
        reporter.begin();
        let predictor = self.predictor.get().map(Arc::clone);
        let predictor = predictor.ok_or_else(before_setup)?;
        let input = read(input)?;
        let prediction = Prediction { inner: Arc::clone(reporter) as _ };
        panic::caught(|| Ok(predictor.predict(input, prediction)))
    }

    /// Makes a batch of those that wait, if some still do.
    fn make_together(&self) {
        let (Some(batches), Some(batch)) = (&self.batches, P::BATCH) else { return };
        let (number, waiting) = batches.take();
        if waiting.is_empty() {
            return;
        }
        let _entered = self.runtime.enter();
        let size = waiting.len();
        self.outlet.hold(&FromWorker::Batch { size });
        let mut runs = Vec::with_capacity(size);
        let mut made = Vec::with_capacity(size);
        let mut items = Vec::with_capacity(size);
        for Waiting { run, input } in waiting {
            self.capture.enter(run.number);
            run.begin();
            match read(&input) {
                Ok(input) => {
                    items.push(Item { input, prediction: Prediction { inner: Arc::clone(&run) as _ } });
                    made.push(Arc::clone(&run));
                }
                Err(failure) => self.finish(&run, Err(failure)),
            }
            runs.push(run);
        }
        let results = match self.predictor.get() {
            Some(predictor) => panic::caught(|| Ok((batch.run)(predictor, items))),
            None => Err(before_setup()),
        };
        batches.made(number, &runs);
        match results {
            Ok(results) => made.iter().zip(results).for_each(|(run, result)| self.finish(run, result)),
            Err(failure) => made.iter().for_each(|run| self.finish(run, Err(failure.clone()))),
        }
    }

    async fn drive(&self, reporter: Arc<Run>, future: BoxFuture<'static, Result<(), Failure>>) {
        let mut polled = AssertUnwindSafe(future).catch_unwind();
        let result = tokio::select! {
            biased;
            result = &mut polled => result.unwrap_or_else(|payload| {
                std::mem::forget(payload);
                Err(panic::failure())
            }),
            () = reporter.cancellation.cancelled() => Err(Failure::Canceled),
        };
        // What the future holds is dropped, and may print or panic, while the prediction still runs.
        let _printed = panic::caught(move || {
            drop(polled);
            Ok(())
        });
        self.finish(&reporter, result);
    }

    fn finish(&self, reporter: &Run, result: Result<(), Failure>) {
        let outcome = match result {
            Ok(()) => Outcome::Succeeded,
            Err(Failure::Canceled) => Outcome::Canceled,
            // Whatever a prediction says once it was told to stop, it stopped because of that.
            Err(Failure::Error(_)) if reporter.cancellation.is_cancelled() => Outcome::Canceled,
            Err(Failure::Error(error)) => Outcome::Failed(error),
        };
        // One that was given up while its batch began has entered since.
        self.capture.leave(reporter.number);
        if self.runs().remove(&reporter.number).is_none() {
            // It ended before, when it was given up in a batch.
            return;
        }
        reporter.end();
        self.outlet.send(&FromWorker::Done { run: reporter.number, outcome });
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<u64, Arc<Run>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(input: &RawValue) -> Result<Map<String, Value>, Failure> {
    serde_json::from_str(input.get())
        .map_err(|error| Failure::Error(format!("the input could not be read: {error}")))
}

fn before_setup() -> Failure {
    Failure::Error("setup has not finished".to_owned())
}
