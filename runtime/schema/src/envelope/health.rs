//! How a model server is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The answer to a health check. Unlike every other document, its fields keep this order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// Whether predictions are accepted.
    pub status: HealthStatus,
    /// How the setup went; absent before it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup: Option<SetupReport>,
    /// What is running.
    #[serde(default)]
    pub version: Versions,
    /// What the author's health check said; only there where it said that something is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_healthcheck_error: Option<String>,
    /// Who waits for a slot; absent where nobody may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueReport>,
}

/// Who waits for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueReport {
    /// How many predictions.
    pub depth: usize,
    /// How many may, before the next one is refused.
    pub limit: usize,
}

/// Whether a model server accepts predictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HealthStatus {
    /// Setup is running.
    Starting,
    /// Accepting.
    Ready,
    /// Ready, but every slot is taken.
    Busy,
    /// Setup failed; nothing will be accepted.
    SetupFailed,
    /// Ready, but the author's health check failed.
    Unhealthy,
    /// The worker died again and again; nothing will be accepted.
    Defunct,
    /// There is nothing to serve, or a word this version does not know.
    #[serde(other)]
    Unknown,
}

/// How the setup went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetupReport {
    /// When it began (RFC 3339, offset `+00:00`).
    pub started_at: String,
    /// When it ended; absent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// Where it stands.
    pub status: SetupStatus,
    /// What it printed; absent where nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub logs: String,
    /// What it was busy with, from the start of its process on; absent where nothing is known of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<SetupPhase>,
}

/// A part of the setup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetupPhase {
    /// What is done in it.
    pub name: String,
    /// When it began (RFC 3339, offset `+00:00`).
    pub started_at: String,
    /// How many seconds it took; absent while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// Where a setup stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SetupStatus {
    /// Running.
    Starting,
    /// Done.
    Succeeded,
    /// Failed.
    Failed,
}

/// What is running, each where it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// The runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coglet: Option<String>,
    /// The commit the runtime was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_sha: Option<String>,
    /// When the runtime was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_time: Option<String>,
    /// The SDK of a Python model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub python_sdk: Option<String>,
    /// The interpreter of a Python model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub python: Option<String>,
}

impl HealthStatus {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            HealthStatus::Starting => "STARTING",
            HealthStatus::Ready => "READY",
            HealthStatus::Busy => "BUSY",
            HealthStatus::SetupFailed => "SETUP_FAILED",
            HealthStatus::Unhealthy => "UNHEALTHY",
            HealthStatus::Defunct => "DEFUNCT",
            HealthStatus::Unknown => "UNKNOWN",
        }
    }
}

impl fmt::Display for HealthStatus {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
