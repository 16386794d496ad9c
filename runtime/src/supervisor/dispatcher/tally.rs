//! What an operator counts, in the text format of Prometheus.

use std::fmt::Write;
use std::time::Duration;

use cog_schema::envelope::{SetupReport, Status};

use crate::supervisor::death::KINDS;

/// Upper bounds, in seconds: from an echo to a film.
const TIMES: [f64; 14] =
    [0.001, 0.0025, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0];

/// Upper bounds, in predictions.
const SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// What has happened since the server started.
pub(super) struct Tally {
    succeeded: u64,
    failed: u64,
    canceled: u64,
    pub(super) refused_busy: u64,
    pub(super) refused_not_ready: u64,
    /// Lost workers, by [`KINDS`].
    lost_workers: [u64; KINDS.len()],
    /// Sizes of batches, of a model that makes several predictions at once.
    pub(super) batches: Histogram,
    durations: Histogram,
    waits: Histogram,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            succeeded: 0,
            failed: 0,
            canceled: 0,
            refused_busy: 0,
            refused_not_ready: 0,
            lost_workers: [0; KINDS.len()],
            batches: Histogram::new(&SIZES),
            durations: Histogram::new(&TIMES),
            waits: Histogram::new(&TIMES),
        }
    }
}

/// What is so now.
pub(super) struct Now<'a> {
    pub(super) ready: bool,
    pub(super) slots: usize,
    pub(super) running: usize,
    pub(super) queued: usize,
    pub(super) webhooks: usize,
    /// Delivered, sent again, given up.
    pub(super) webhook_counts: [u64; 3],
    /// Resident memory in bytes, where it is known.
    pub(super) supervisor_memory: Option<u64>,
    /// That of all workers.
    pub(super) worker_memory: u64,
    pub(super) setup: Option<&'a SetupReport>,
}

pub(super) struct Histogram {
    bounds: &'static [f64],
    counts: Vec<u64>,
    count: u64,
    sum: f64,
}

impl Histogram {
    fn new(bounds: &'static [f64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len()], count: 0, sum: 0.0 }
    }

    pub(super) fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        let bucket = self.bounds.iter().position(|bound| value <= *bound);
        if let Some(count) = bucket.and_then(|bucket| self.counts.get_mut(bucket)) {
            *count += 1;
        }
    }
}

impl Tally {
    pub(super) fn ended(&mut self, status: Status, took: Duration) {
        match status {
            Status::Succeeded => self.succeeded += 1,
            Status::Canceled => self.canceled += 1,
            _ => self.failed += 1,
        }
        self.durations.add(took.as_secs_f64());
    }

    pub(super) fn lost_worker(&mut self, kind: &str) {
        let count = KINDS.iter().position(|known| *known == kind);
        if let Some(count) = count.and_then(|place| self.lost_workers.get_mut(place)) {
            *count += 1;
        }
    }

    pub(super) fn got_slot(&mut self, waited: Duration) {
        self.waits.add(waited.as_secs_f64());
    }

    pub(super) fn text(&self, now: &Now<'_>) -> String {
        let mut page = Page::default();
        page.family(
            "cog_predictions_total",
            "counter",
            "Predictions that have ended, by status.",
            &[
                ("{status=\"succeeded\"}", self.succeeded as f64),
                ("{status=\"failed\"}", self.failed as f64),
                ("{status=\"canceled\"}", self.canceled as f64),
            ],
        );
        page.family(
            "cog_predictions_refused_total",
            "counter",
            "Predictions refused before they began.",
            &[
                ("{reason=\"busy\"}", self.refused_busy as f64),
                ("{reason=\"not_ready\"}", self.refused_not_ready as f64),
            ],
        );
        page.histogram(
            "cog_prediction_duration_seconds",
            "Time from getting a slot to the end.",
            &self.durations,
        );
        page.histogram("cog_queue_wait_seconds", "Time from being accepted to getting a slot.", &self.waits);
        if self.batches.count > 0 {
            page.histogram("cog_batch_size", "Predictions made by one call of the model.", &self.batches);
        }
        page.gauge("cog_slots", "Predictions that may run at the same time.", now.slots as f64);
        page.gauge("cog_slots_in_use", "Predictions that run now.", now.running as f64);
        page.gauge("cog_queue_depth", "Predictions that wait for a slot.", now.queued as f64);
        page.gauge(
            "cog_worker_ready",
            "Whether the model's process takes predictions.",
            f64::from(u8::from(now.ready)),
        );
        let lost_workers: Vec<_> = KINDS
            .iter()
            .zip(self.lost_workers)
            .map(|(kind, count)| (format!("{{cause=\"{kind}\"}}"), count as f64))
            .collect();
        page.family(
            "cog_worker_losses_total",
            "counter",
            "Processes of the model that were lost.",
            &lost_workers,
        );
        let phases = now.setup.map(|setup| setup.phases.as_slice()).unwrap_or_default();
        let phases: Vec<_> = phases
            .iter()
            .filter_map(|phase| Some((format!("{{phase=\"{}\"}}", escaped(&phase.name)), phase.seconds?)))
            .collect();
        page.family("cog_setup_phase_seconds", "gauge", "Parts of the last setup.", &phases);
        page.gauge(
            "cog_webhooks_unfinished",
            "Predictions with webhooks that are not delivered yet.",
            now.webhooks as f64,
        );
        let [delivered, retries, given_up] = now.webhook_counts.map(|count| count as f64);
        page.family(
            "cog_webhooks_total",
            "counter",
            "Webhooks, by what became of them.",
            &[("{result=\"delivered\"}", delivered), ("{result=\"given_up\"}", given_up)],
        );
        page.family(
            "cog_webhook_retries_total",
            "counter",
            "Times that a webhook was sent again.",
            &[("", retries)],
        );
        let memory: Vec<_> = [
            ("{process=\"supervisor\"}", now.supervisor_memory),
            ("{process=\"worker\"}", Some(now.worker_memory).filter(|bytes| *bytes > 0)),
        ]
        .into_iter()
        .filter_map(|(labels, bytes)| Some((labels, bytes? as f64)))
        .collect();
        page.family("cog_resident_memory_bytes", "gauge", "Resident memory, by process.", &memory);
        page.0
    }
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.family(name, "gauge", help, &[("", value)]);
    }

    fn family<L: AsRef<str>>(&mut self, name: &str, kind: &str, help: &str, samples: &[(L, f64)]) {
        self.line(&format!("# HELP {name} {help}"));
        self.line(&format!("# TYPE {name} {kind}"));
        for (labels, value) in samples {
            self.line(&format!("{name}{} {value}", labels.as_ref()));
        }
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.family::<&str>(name, "histogram", help, &[]);
        let mut sum = 0;
        for (bound, count) in histogram.bounds.iter().zip(&histogram.counts) {
            sum += count;
            self.line(&format!("{name}_bucket{{le=\"{bound}\"}} {sum}"));
        }
        self.line(&format!("{name}_bucket{{le=\"+Inf\"}} {}", histogram.count));
        self.line(&format!("{name}_sum {}", histogram.sum));
        self.line(&format!("{name}_count {}", histogram.count));
    }

    fn line(&mut self, line: &str) {
        // Writing into a string does not fail.
        let _written = writeln!(self.0, "{line}");
    }
}

/// A label's value as the format wants it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// The resident memory of a process, in bytes.
#[cfg(target_os = "linux")]
pub(super) fn resident_memory(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn resident_memory(_process: &str) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use cog_schema::envelope::{SetupPhase, SetupStatus};

    use super::*;

    #[test]
    fn a_histogram_counts_everything_up_to_each_bound() {
        let mut tally = Tally::default();
        for milliseconds in [1, 2, 5_000, 9_000_000] {
            tally.ended(Status::Succeeded, Duration::from_millis(milliseconds));
        }
        tally.lost_worker("signal");
        let setup = SetupReport {
            started_at: "0".to_owned(),
            completed_at: None,
            status: SetupStatus::Succeeded,
            logs: String::new(),
            phases: vec![SetupPhase {
                name: "a \"b\"".to_owned(),
                started_at: "0".to_owned(),
                seconds: Some(2.5),
            }],
        };
        let now = Now {
            ready: true,
            slots: 2,
            running: 1,
            queued: 0,
            webhooks: 0,
            webhook_counts: [3, 2, 1],
            supervisor_memory: Some(1024),
            worker_memory: 0,
            setup: Some(&setup),
        };
        let text = tally.text(&now);
        for line in [
            "cog_predictions_total{status=\"succeeded\"} 4",
            "cog_prediction_duration_seconds_bucket{le=\"0.001\"} 1",
            "cog_prediction_duration_seconds_bucket{le=\"0.0025\"} 2",
            "cog_prediction_duration_seconds_bucket{le=\"2.5\"} 2",
            "cog_prediction_duration_seconds_bucket{le=\"10\"} 3",
            "cog_prediction_duration_seconds_bucket{le=\"+Inf\"} 4",
            "cog_prediction_duration_seconds_count 4",
            "cog_slots 2",
            "cog_worker_ready 1",
            "cog_resident_memory_bytes{process=\"supervisor\"} 1024",
            "cog_worker_losses_total{cause=\"signal\"} 1",
            "cog_webhooks_total{result=\"given_up\"} 1",
            "cog_webhook_retries_total 2",
            "cog_worker_losses_total{cause=\"replaced\"} 0",
            "cog_setup_phase_seconds{phase=\"a \\\"b\\\"\"} 2.5",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
        assert!(!text.contains("process=\"worker\""));
    }
}
