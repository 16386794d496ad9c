//! A prediction on its way: the value that callers see, and what is still being done for it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use cog_schema::Signature;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::Order;
use crate::model::MetricMode;
use crate::protocol::{Outcome, ToWorker, WireValue};
use crate::settings::Settings;
use crate::supervisor::fetch::{self, Download, Fetched};
use crate::supervisor::prediction::{Prediction, Snapshot};

pub(super) struct Flight {
    run: u64,
    prediction: Prediction,
    accepted: Instant,
    end: oneshot::Sender<Arc<Snapshot>>,
    context: BTreeMap<String, String>,
    stage: Stage,
    canceled: bool,
    /// What went wrong on our side while the worker was still at it.
    fault: Option<String>,
    inlining: bool,
    /// What the worker said while a file was being read: it keeps its place behind the file.
    behind: VecDeque<Said>,
    /// The files of its inputs, deleted with it.
    files: Option<TempDir>,
}

enum Stage {
    /// Its files are being fetched; dropping the download stops that.
    Fetching(#[expect(dead_code, reason = "held for its drop")] Option<Download>),
    WithWorker,
}

/// What a worker says about one prediction.
pub(super) enum Said {
    Log(String),
    Output(WireValue),
    Metric { name: String, value: Value, mode: MetricMode },
    Done(Outcome),
}

/// What is to be done after something was heard.
pub(super) enum Next {
    Wait,
    /// Read the files in this, and come back with [`Flight::inlined`].
    Inline(WireValue),
    /// Tell the worker to stop.
    Stop,
    End(Outcome),
}

impl Flight {
    /// A prediction that has just got its slot. Gives the input at once where no file has to be fetched first;
    /// otherwise `fetched` is called later.
    pub(super) fn new(
        run: u64,
        order: Order,
        signature: &Arc<Signature>,
        end: oneshot::Sender<Arc<Snapshot>>,
        settings: &Arc<Settings>,
        fetched: impl FnOnce(Result<Fetched, String>) + Send + 'static,
    ) -> (Self, Option<Fetched>) {
        let input = order.checked.input;
        let (download, ready) = if fetch::is_needed(signature, &input) {
            (Some(fetch::begin(Arc::clone(signature), input, Arc::clone(settings), fetched)), None)
        } else {
            (None, Some(Fetched { input, files: None }))
        };
        let flight = Self {
            run,
            prediction: Prediction::new(order.id, order.checked.shown, signature.output.delivery),
            accepted: Instant::now(),
            end,
            context: order.context,
            stage: Stage::Fetching(download),
            canceled: false,
            fault: None,
            inlining: false,
            behind: VecDeque::new(),
            files: None,
        };
        (flight, ready)
    }

    pub(super) fn id(&self) -> &str {
        self.prediction.id()
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.prediction.snapshot()
    }

    pub(super) fn is_with_worker(&self) -> bool {
        matches!(self.stage, Stage::WithWorker)
    }

    /// Its input is complete: the message that starts it.
    pub(super) fn prepared(&mut self, fetched: Fetched) -> Result<ToWorker, String> {
        let input = to_raw_value(&fetched.input).map_err(|error| format!("the input is no JSON: {error}"))?;
        self.files = fetched.files;
        self.stage = Stage::WithWorker;
        self.prediction.begun();
        let context = std::mem::take(&mut self.context);
        Ok(ToWorker::Run { run: self.run, id: self.id().to_owned(), input, context })
    }

    /// Its caller gave up; false if that was known.
    pub(super) fn cancel(&mut self) -> bool {
        !std::mem::replace(&mut self.canceled, true)
    }

    pub(super) fn heard(&mut self, said: Said) -> Next {
        if self.inlining {
            self.behind.push_back(said);
            return Next::Wait;
        }
        match said {
            Said::Log(text) => self.prediction.printed(&text),
            Said::Output(WireValue::Json(piece)) => self.prediction.produced(piece),
            Said::Output(value) => {
                self.inlining = true;
                return Next::Inline(value);
            }
            Said::Metric { name, value, mode } => {
                // The worker refused what is wrong; what another implementation lets through is left out.
                let _refused = self.prediction.measured(&name, value, mode);
            }
            Said::Done(outcome) => return Next::End(self.verdict(outcome)),
        }
        Next::Wait
    }

    /// A file of the output was read, or not.
    pub(super) fn inlined(&mut self, piece: Result<Box<RawValue>, String>) -> Next {
        self.inlining = false;
        match piece {
            Ok(piece) => self.prediction.produced(piece),
            Err(fault) => self.fault = Some(fault),
        }
        while let Some(said) = self.behind.pop_front() {
            match self.heard(said) {
                Next::Wait => {}
                next => return next,
            }
        }
        if self.fault.is_some() { Next::Stop } else { Next::Wait }
    }

    /// Tells whoever waits. Its files are deleted aside: there may be gigabytes of them.
    pub(super) fn end(self, outcome: Outcome, now: Instant) {
        let snapshot = self.prediction.ended(outcome, now - self.accepted);
        let _nobody_waits = self.end.send(Arc::new(snapshot));
        if let Some(files) = self.files {
            tokio::task::spawn_blocking(move || drop(files));
        }
    }

    fn verdict(&mut self, outcome: Outcome) -> Outcome {
        match (outcome, self.fault.take()) {
            (Outcome::Failed(_), _) if self.canceled => Outcome::Canceled,
            (Outcome::Succeeded, Some(fault)) => Outcome::Failed(fault),
            (Outcome::Canceled, Some(fault)) if !self.canceled => Outcome::Failed(fault),
            (outcome, _) => outcome,
        }
    }
}
