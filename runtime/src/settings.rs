//! Everything the environment can change, read once and in one place.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::author::managed::Managed;
use crate::command::Mode;
use crate::journal;
use crate::supervisor::{Policy, Secrets, TraceSettings, Workers};

/// What the environment says about serving.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// `--x-mode`, and nothing of the environment: whether it predicts or trains.
    pub(crate) mode: Mode,
    /// `COG_WORKERS` (1): how many processes hold the model; `per-gpu` is one for each GPU.
    pub(crate) workers: Workers,
    /// `COG_REQUIRE_GPU`: whether setup fails where there is no NVIDIA GPU. Images of `gpu: required` have it.
    pub(crate) gpu_required: bool,
    /// `COG_SETUP_TIMEOUT`, whole seconds: how long setup may take. No limit by default.
    pub(crate) setup_timeout: Option<Duration>,
    /// `COG_CANCEL_GRACE`, seconds (10): how long a cancelled prediction may take to stop before its worker is
    /// killed and replaced.
    pub(crate) cancel_grace: Duration,
    /// `COG_SHUTDOWN_GRACE`, seconds (30): how long running predictions are waited for on shutdown.
    pub(crate) shutdown_grace: Duration,
    /// `COG_PREDICT_TIMEOUT`, seconds: how long a prediction may run. No limit by default.
    pub(crate) predict_timeout: Option<Duration>,
    /// `COG_QUEUE_LIMIT` (0): how many predictions may wait for a slot before the next one is refused.
    pub(crate) queue_limit: usize,
    /// `COG_FINISHED_LIMIT` (100): how many ended predictions can still be asked for.
    pub(crate) finished_limit: usize,
    /// `COG_STREAM_HISTORY_CAPACITY`: how many past events somebody who joins a stream gets; 0 is none. All by default.
    pub(crate) stream_history: Option<usize>,
    /// `COG_UPLOAD_URL`, or `--upload-url`: where files of outputs go, instead of into data URLs.
    pub(crate) upload_url: Option<String>,
    /// `COG_THROTTLE_RESPONSE_INTERVAL`, seconds (0.5): how long after a webhook the next one about logs may come.
    pub(crate) webhook_interval: Duration,
    /// `WEBHOOK_AUTH_TOKEN`: what webhooks show as their bearer token.
    pub(crate) webhook_token: Option<String>,
    /// `COG_WEBHOOK_SECRET`: what webhooks are signed with; several between spaces.
    pub(crate) webhook_secrets: Secrets,
    /// `COG_WEBHOOK_OUTBOX`: a folder that keeps the last webhook of each prediction until it is delivered.
    pub(crate) webhook_outbox: Option<PathBuf>,
    /// `COG_FETCH_POLICY`: `public` keeps inputs and webhooks away from private networks.
    pub(crate) fetch_policy: Policy,
    /// `COG_USER_AGENT`: how downloads of file inputs introduce themselves.
    pub(crate) user_agent: String,
    /// `COG_INPUT_FILE_LIMIT`, bytes (10 GiB): the largest file an input may be.
    pub(crate) input_file_limit: u64,
    /// `OTEL_*`, those of OpenTelemetry: where traces go.
    pub(crate) traces: Option<TraceSettings>,
    /// `KUBERNETES_SERVICE_HOST` is set: readiness is also told by a file.
    pub(crate) kubernetes: bool,
}

impl Settings {
    pub(crate) fn from_env() -> Self {
        let version = crate::document::VERSION;
        Self {
            mode: Mode::Predict,
            workers: workers(),
            gpu_required: text("COG_REQUIRE_GPU").is_some_and(|value| !matches!(&*value, "0" | "false")),
            setup_timeout: number("COG_SETUP_TIMEOUT").filter(|s: &u64| *s > 0).map(Duration::from_secs),
            cancel_grace: seconds("COG_CANCEL_GRACE", 10.0),
            shutdown_grace: seconds("COG_SHUTDOWN_GRACE", 30.0),
            predict_timeout: Some(seconds("COG_PREDICT_TIMEOUT", 0.0)).filter(|limit| !limit.is_zero()),
            queue_limit: number("COG_QUEUE_LIMIT").unwrap_or(0),
            finished_limit: number("COG_FINISHED_LIMIT").unwrap_or(100),
            stream_history: number("COG_STREAM_HISTORY_CAPACITY"),
            upload_url: text("COG_UPLOAD_URL"),
            webhook_interval: seconds("COG_THROTTLE_RESPONSE_INTERVAL", 0.5),
            webhook_token: text("WEBHOOK_AUTH_TOKEN"),
            webhook_secrets: secrets(),
            webhook_outbox: set("COG_WEBHOOK_OUTBOX").map(PathBuf::from),
            fetch_policy: policy(),
            user_agent: text("COG_USER_AGENT").unwrap_or_else(|| format!("cog/{version}")),
            input_file_limit: number("COG_INPUT_FILE_LIMIT").unwrap_or(10 << 30),
            traces: TraceSettings::read(text),
            kubernetes: set("KUBERNETES_SERVICE_HOST").is_some(),
        }
    }
}

/// `PORT`: where to listen.
///
/// # Errors
/// A sentence, where it is no port.
pub(crate) fn port() -> Result<u16, String> {
    match set("PORT") {
        None => Ok(5000),
        Some(port) => port
            .to_str()
            .and_then(|port| port.trim().parse().ok())
            .ok_or_else(|| format!("PORT is `{}`; it has to be a number from 0 to 65535", port.display())),
    }
}

/// `COG_MAX_CONCURRENCY`, else what the author declared: how many predictions run at the same time.
pub(crate) fn concurrency(declared: usize) -> usize {
    match number::<usize>("COG_MAX_CONCURRENCY") {
        Some(0) => {
            journal::warn("COG_MAX_CONCURRENCY is 0; one prediction at a time it is");
            1
        }
        Some(slots) => slots,
        None => declared.max(1),
    }
}

/// `COG_WEIGHTS_DIR`, else the working directory: where the model's files are.
pub(crate) fn weights_root() -> PathBuf {
    set("COG_WEIGHTS_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// `COG_WEIGHTS_MOUNTS`, else the image: where the weights are that `cog.yaml` lists.
pub(crate) fn managed_weights() -> Managed {
    Managed::find(set("COG_WEIGHTS_MOUNTS").map(PathBuf::from).as_deref())
}

fn workers() -> Workers {
    match text("COG_WORKERS").as_deref() {
        Some("per-gpu") => Workers::PerGpu,
        _ => Workers::Count(number("COG_WORKERS").unwrap_or(1)),
    }
}

/// Unsigned webhooks where signed ones were asked for would be believed or refused for the wrong reason; said loudly.
fn secrets() -> Secrets {
    Secrets::parse(&text("COG_WEBHOOK_SECRET").unwrap_or_default()).unwrap_or_else(|fault| {
        journal::error(&format!("COG_WEBHOOK_SECRET: {fault}; webhooks are not signed"));
        Secrets::default()
    })
}

/// What is meant to be a restriction is one, however it is spelled.
fn policy() -> Policy {
    match text("COG_FETCH_POLICY").as_deref() {
        None | Some("any") => Policy::Any,
        Some("public") => Policy::Public,
        Some(other) => {
            journal::warn(&format!(
                "COG_FETCH_POLICY is `{other}`, neither `any` nor `public`; it is taken as `public`"
            ));
            Policy::Public
        }
    }
}

/// What is empty is not set.
fn set(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn text(name: &str) -> Option<String> {
    set(name)?.into_string().ok()
}

fn number<N: std::str::FromStr>(name: &str) -> Option<N> {
    let value = text(name)?;
    let number = value.trim().parse().ok();
    if number.is_none() {
        journal::warn(&format!("{name} is `{value}`, which is no whole number; it is ignored"));
    }
    number
}

fn seconds(name: &str, default: f64) -> Duration {
    let given = text(name).map(|value| (value.trim().parse::<f64>(), value));
    let seconds = match given {
        None => default,
        Some((Ok(seconds), _)) if (0.0..1e9).contains(&seconds) => seconds,
        Some((_, value)) => {
            journal::warn(&format!("{name} is `{value}`, which is no number of seconds; it is ignored"));
            default
        }
    };
    Duration::from_secs_f64(seconds)
}
