//! One prediction without a server: in this process, logs to standard error, output to standard output.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cog_schema::{Delivery, Signature, Type};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::arguments::Predict;
use super::{complain, print};
use crate::metrics::Metrics;
use crate::model::{
    Failure, LogSource, MetricMode, OutputValue, Prediction, Predictor, Reporter, Running, Setup,
};

/// Makes one prediction and prints its output.
pub(crate) fn predict<P: Predictor>(asked: Predict) -> ExitCode {
    let signature = P::signature();
    let input = match input(&signature, &asked.inputs) {
        Ok(input) => input,
        Err(faults) => {
            faults.iter().for_each(|fault| complain(fault));
            return ExitCode::FAILURE;
        }
    };
    crate::worker::remember_panics();
    let once = Arc::new(Once::default());
    let result = run::<P>(input, Arc::clone(&once));
    let pieces = std::mem::take(&mut *once.pieces.lock().unwrap_or_else(PoisonError::into_inner));
    match result {
        Ok(()) => show(pieces, signature.output.delivery, asked.json, &once),
        Err(Failure::Error(error)) => {
            complain(&error);
            ExitCode::FAILURE
        }
        Err(Failure::Canceled) => {
            complain("the prediction was cancelled");
            ExitCode::FAILURE
        }
    }
}

fn run<P: Predictor>(input: Map<String, Value>, once: Arc<Once>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Error(format!("failed to start the runtime: {error}"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    let _entered = runtime.enter();
    crate::worker::caught(|| {
        let predictor = P::setup(&Setup::by_environment())?;
        match Arc::new(predictor).predict(input, Prediction { inner: once }) {
            Running::Blocking(code) => code(),
            Running::Async(future) => runtime.block_on(future),
        }
    })
}

fn show(pieces: Vec<OutputValue>, delivery: Delivery, as_json: bool, once: &Once) -> ExitCode {
    let mut values: Vec<Value> = pieces.into_iter().map(local).collect();
    let output = match delivery {
        Delivery::Single => values.pop().unwrap_or(Value::Null),
        _ => Value::Array(values),
    };
    if as_json {
        let metrics = once.metrics.lock().unwrap_or_else(PoisonError::into_inner).tree().clone();
        return print(&format!("{}\n", json!({"status": "succeeded", "output": output, "metrics": metrics})));
    }
    match (delivery, output) {
        (_, Value::String(text)) => print(&format!("{text}\n")),
        (Delivery::Concatenate, Value::Array(tokens)) => {
            let text: String = tokens.iter().filter_map(Value::as_str).collect();
            print(&format!("{text}\n"))
        }
        (_, output) => print(&format!("{output:#}\n")),
    }
}

/// Output files stay where the predictor put them; what is shown is their path.
fn local(value: OutputValue) -> Value {
    match value {
        OutputValue::Json(value) => value,
        OutputValue::File(path) => Value::from(path.display().to_string()),
        OutputValue::List(items) => items.into_iter().map(local).collect(),
        OutputValue::Object(fields) => fields.into_iter().map(|(name, field)| (name, local(field))).collect(),
    }
}

/// The whole input, or everything that is wrong with it.
fn input(signature: &Signature, given: &[(String, String)]) -> Result<Map<String, Value>, Vec<String>> {
    let mut faults = Vec::new();
    let mut texts: HashMap<&str, Vec<String>> = HashMap::new();
    let mut values = Map::new();
    for (name, text) in given {
        let Some(declared) = signature.input(name) else {
            let known: Vec<&str> = signature.inputs.iter().map(|input| input.name.as_str()).collect();
            faults.push(format!("there is no input `{name}`; the inputs are {}", known.join(", ")));
            continue;
        };
        match from_file(text, declared.ty.holds_path()) {
            Ok(text) => texts.entry(&declared.name).or_default().push(text),
            Err(fault) => faults.push(format!("input `{name}`: {fault}")),
        }
    }
    for declared in &signature.inputs {
        let value = match texts.get(declared.name.as_str()).map(Vec::as_slice) {
            None => continue,
            Some([text]) => declared.coerce(text),
            Some(texts) => declared.coerce_all(texts),
        };
        let value = match declared.ty.required() {
            Type::List(_) if !value.is_array() => Value::Array(vec![value]),
            _ => value,
        };
        values.insert(declared.name.clone(), value);
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    match signature.check_input(Value::Object(values)) {
        Ok(checked) => Ok(checked.input),
        Err(details) => Err(details.iter().map(ToString::to_string).collect()),
    }
}

/// `@FILE` is the file itself for a file input, and its text for any other.
fn from_file(text: &str, is_path: bool) -> Result<String, String> {
    let Some(name) = text.strip_prefix('@') else { return Ok(text.to_owned()) };
    let read = |error: std::io::Error| format!("`{name}` could not be read: {error}");
    if !is_path {
        return std::fs::read_to_string(name).map_err(read);
    }
    let path: PathBuf = std::path::absolute(name).map_err(read)?;
    std::fs::metadata(&path).map_err(read)?;
    path.into_os_string().into_string().map_err(|_| format!("`{name}` is not UTF-8"))
}

/// What a predictor reports to when there is nobody else.
#[derive(Default)]
struct Once {
    pieces: Mutex<Vec<OutputValue>>,
    metrics: Mutex<Metrics>,
    context: BTreeMap<String, String>,
    cancellation: crate::worker::Cancellation,
}

impl Reporter for Once {
    fn id(&self) -> &str {
        "once"
    }

    fn context(&self) -> &BTreeMap<String, String> {
        &self.context
    }

    fn output(&self, value: OutputValue) -> BoxFuture<'_, Result<(), Failure>> {
        let kept = self.output_blocking(value);
        async move { kept }.boxed()
    }

    fn output_blocking(&self, value: OutputValue) -> Result<(), Failure> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).push(value);
        Ok(())
    }

    fn log(&self, _: LogSource, text: &str) {
        use std::io::Write;
        let _nobody_reads = std::io::stderr().lock().write_all(text.as_bytes());
    }

    fn metric(&self, name: &str, value: Value, mode: MetricMode) -> Result<(), String> {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner).record(name, value, mode)
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
