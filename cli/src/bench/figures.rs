//! What a measurement comes to.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};

use super::Error;
use crate::size::Size;

/// One prediction.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// When it was asked for, from the start of the measurement.
    pub(super) at: Duration,
    /// From the request to the end of the answer.
    pub(super) took: Duration,
    /// From the request to the first piece of the output, where it came in pieces.
    pub(super) first: Option<Duration>,
    /// Why it did not succeed.
    pub(super) failure: Option<String>,
    /// Whether that was because the model takes no more at a time.
    pub(super) busy: bool,
}

/// How it went.
#[derive(Debug, Default)]
pub struct Figures {
    pub(super) concurrency: usize,
    /// Those that succeeded, in the order of their beginning: when, and how long.
    pub(super) course: Vec<(Duration, Duration)>,
    /// How long each of them took, shortest first.
    pub(super) times: Vec<Duration>,
    /// How long the first piece of each took, shortest first.
    firsts: Vec<Duration>,
    /// Why the others did not, and how many each.
    pub(super) failures: BTreeMap<String, usize>,
    /// How many of those because the model takes no more at a time.
    busy: usize,
    pub(super) took: Duration,
    /// Most bytes of memory that the model was seen to take.
    pub(super) memory: Option<u64>,
}

impl Figures {
    pub(super) fn of(samples: Vec<Sample>, concurrency: usize, took: Duration, memory: Option<u64>) -> Self {
        let mut figures = Self { concurrency, took, memory, ..Self::default() };
        for Sample { at, took, first, failure, busy } in samples {
            figures.busy += usize::from(busy);
            match failure {
                None => {
                    figures.course.push((at, took));
                    figures.times.push(took);
                    figures.firsts.extend(first);
                }
                Some(failure) => *figures.failures.entry(failure).or_default() += 1,
            }
        }
        figures.course.sort_unstable();
        figures.times.sort_unstable();
        figures.firsts.sort_unstable();
        figures
    }

    /// Prints them.
    pub fn tell(&self, json: bool) -> io::Result<()> {
        let mut out = io::stdout();
        if json { writeln!(out, "{:#}", self.json()) } else { write!(out, "{self}") }
    }

    /// Whether all went well.
    pub fn verdict(&self) -> Result<ExitCode, Error> {
        match self.failed() {
            0 => Ok(ExitCode::SUCCESS),
            failed => Err(Error::SomeFailed {
                failed,
                of: failed + self.times.len(),
                at_once: (self.busy > 0).then_some(self.concurrency),
            }),
        }
    }

    pub(super) fn failed(&self) -> usize {
        self.failures.values().sum()
    }

    /// Predictions per second.
    pub(super) fn rate(&self) -> f64 {
        count(self.times.len()) / self.took.as_secs_f64().max(f64::EPSILON)
    }

    /// Each series of times that there is, by name.
    pub(super) fn series(&self) -> impl Iterator<Item = (&'static str, [Duration; 4])> {
        let series = [("latency", &self.times), ("first piece", &self.firsts)];
        let present = series.into_iter().filter(|(_, times)| !times.is_empty());
        present.map(|(name, times)| (name, [50, 90, 99, 100].map(|percent| percentile(times, percent))))
    }

    /// All of them, in seconds and bytes.
    pub fn json(&self) -> Value {
        let mut json = json!({
            "succeeded": self.times.len(),
            "failed": self.failed(),
            "failures": self.failures,
            "concurrency": self.concurrency,
            "seconds": self.took.as_secs_f64(),
            "predictions_per_second": self.rate(),
        });
        for (name, times) in self.series() {
            let [p50, p90, p99, max] = times.map(|time| time.as_secs_f64());
            json[format!("{}_seconds", name.replace(' ', "_"))] =
                json!({ "p50": p50, "p90": p90, "p99": p99, "max": max });
        }
        if let Some(bytes) = self.memory {
            json["resident_memory_bytes"] = bytes.into();
        }
        json
    }
}

/// The time within which that many percent of `times`, which are sorted, were done.
pub(super) fn percentile(times: &[Duration], percent: usize) -> Duration {
    let rank = (times.len() * percent).div_ceil(100).max(1);
    times.get(rank - 1).copied().unwrap_or_default()
}

/// A number of things, for arithmetic.
pub(super) fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}

/// A time as people read it: three digits and a unit.
pub(super) fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let (value, unit) = match seconds {
        0.0..0.001 => (seconds * 1e6, "µs"),
        0.001..1.0 => (seconds * 1e3, "ms"),
        _ => (seconds, "s"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (done, at_once, took) = (self.times.len(), self.concurrency, self.took.as_secs_f64());
        writeln!(
            f,
            "{done} predictions, {at_once} at a time, in {took:.2} s: {:.1} per second",
            self.rate()
        )?;
        for (name, times) in self.series() {
            let [p50, p90, p99, max] = times.map(shown);
            writeln!(f, "{name:<11}  p50 {p50}, p90 {p90}, p99 {p99}, longest {max}")?;
        }
        if let Some(bytes) = self.memory {
            writeln!(f, "{:<11}  {} at most", "memory", Size(bytes))?;
        }
        for (failure, times) in &self.failures {
            writeln!(f, "failed {times} times: {failure}")?;
        }
        Ok(())
    }
}
