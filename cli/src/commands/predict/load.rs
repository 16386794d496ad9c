//! Many predictions at once, for a figure.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cog_schema::envelope::Status;
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value, json};

use super::{Error, Load};
use crate::console::Console;
use crate::model::Client;

/// How it went.
#[derive(Debug, Default)]
pub(super) struct Figure {
    concurrency: usize,
    /// How long each prediction that succeeded took, shortest first.
    times: Vec<Duration>,
    /// Why the others did not, and how many each.
    failures: BTreeMap<String, usize>,
    took: Duration,
}

/// Predicts as often as told, always with the same input.
pub(super) async fn put(
    load: Load,
    client: &Client,
    input: &Map<String, Value>,
    console: &Console,
) -> Figure {
    let mut figure = Figure { concurrency: load.concurrency, ..Figure::default() };
    let start = Instant::now();
    let one = |_| async move {
        let start = Instant::now();
        let failure = match client.predict(input).await {
            Ok(response) if response.status == Status::Succeeded => None,
            Ok(response) => {
                Some(response.error.unwrap_or_else(|| format!("it {}", response.status.as_str())))
            }
            Err(error) => Some(error.to_string()),
        };
        (start.elapsed(), failure)
    };
    let mut predictions = stream::iter(0..load.repeat).map(one).buffer_unordered(load.concurrency);
    let mut done = 0;
    while let Some((took, failure)) = predictions.next().await {
        done += 1;
        console.wait_for(&format!("{done} of {} predictions", load.repeat));
        match failure {
            None => figure.times.push(took),
            Some(failure) => *figure.failures.entry(failure).or_default() += 1,
        }
    }
    console.waited();
    figure.took = start.elapsed();
    figure.times.sort_unstable();
    figure
}

impl Figure {
    /// Prints it, and says whether all went well.
    pub(super) fn tell(&self, json: bool) -> anyhow::Result<ExitCode> {
        if json {
            writeln!(io::stdout(), "{:#}", self.json())?;
        } else {
            write!(io::stdout(), "{self}")?;
        }
        match self.failures.values().sum() {
            0 => Ok(ExitCode::SUCCESS),
            failed => Err(Error::SomeFailed { failed, of: failed + self.times.len() }.into()),
        }
    }

    /// The time within which that many percent of the predictions were done.
    fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.times.len() * percent).div_ceil(100).max(1);
        self.times.get(rank - 1).copied().unwrap_or_default()
    }

    fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.times.len()).unwrap_or(u32::MAX))
            / self.took.as_secs_f64().max(f64::EPSILON)
    }

    fn json(&self) -> Value {
        let seconds = |percent| self.percentile(percent).as_secs_f64();
        json!({
            "succeeded": self.times.len(),
            "failed": self.failures.values().sum::<usize>(),
            "failures": self.failures,
            "concurrency": self.concurrency,
            "seconds": self.took.as_secs_f64(),
            "predictions_per_second": self.rate(),
            "latency_seconds": { "p50": seconds(50), "p90": seconds(90), "p99": seconds(99), "max": seconds(100) },
        })
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (done, at_once, took) = (self.times.len(), self.concurrency, self.took.as_secs_f64());
        writeln!(
            f,
            "{done} predictions, {at_once} at a time, in {took:.2} s: {:.1} per second",
            self.rate()
        )?;
        if done > 0 {
            let [p50, p90, p99, max] =
                [50, 90, 99, 100].map(|percent| self.percentile(percent).as_secs_f64() * 1e3);
            writeln!(f, "p50 {p50:.1} ms, p90 {p90:.1} ms, p99 {p99:.1} ms, longest {max:.1} ms")?;
        }
        for (failure, times) in &self.failures {
            writeln!(f, "failed {times} times: {failure}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_time_of_the_prediction_at_its_rank() {
        let times = (1..=10).map(Duration::from_secs).collect();
        let figure = Figure { times, took: Duration::from_secs(5), ..Figure::default() };
        assert_eq!([50, 90, 99, 100].map(|percent| figure.percentile(percent).as_secs()), [5, 9, 10, 10]);
        assert_eq!(figure.json()["predictions_per_second"], 2.0);
        assert_eq!(Figure::default().percentile(50), Duration::ZERO);
    }
}
