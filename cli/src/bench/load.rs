//! Predictions, as many at a time as told, for as long as told.

use std::future::ready;
use std::time::{Duration, Instant};

use cog_schema::envelope::{PredictionResponse, Status};
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value};

use super::Figures;
use super::figures::Sample;
use crate::console::Console;
use crate::model::{Client, Error, Event, Told};

/// How often to look how much memory the model takes.
const MEMORY: Duration = Duration::from_millis(250);

/// What is put on a model.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// When to stop.
    pub until: Until,
    /// How many predictions at a time.
    pub concurrency: usize,
    /// How many go before, and do not count.
    pub warm_up: usize,
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After so many predictions.
    Count(usize),
    /// When that has passed; what is under way then is waited for, and counts.
    Elapsed(Duration),
}

/// Puts `load` on the model, always with the same input. `streams` asks for events, and so learns when the first piece
/// of an output came.
pub async fn put(
    load: Load,
    client: &Client,
    input: &Map<String, Value>,
    streams: bool,
    console: &Console,
) -> Figures {
    let mut warm_up =
        stream::iter(0..load.warm_up).map(|_| one(client, input, streams)).buffer_unordered(load.concurrency);
    while warm_up.next().await.is_some() {
        console.wait_for("Warming up");
    }
    let start = Instant::now();
    let (count, deadline) = match load.until {
        Until::Count(count) => (count, None),
        Until::Elapsed(time) => (usize::MAX, Some(start + time)),
    };
    let in_time = |_: &usize| ready(deadline.is_none_or(|deadline| Instant::now() < deadline));
    let mut predictions = stream::iter(0..count)
        .take_while(in_time)
        .map(|_| async move {
            let at = start.elapsed();
            Sample { at, ..one(client, input, streams).await }
        })
        .buffer_unordered(load.concurrency);
    let mut samples = Vec::new();
    let mut memory = None;
    let mut look = tokio::time::interval(MEMORY);
    loop {
        tokio::select! {
            sample = predictions.next() => match sample {
                Some(sample) => samples.push(sample),
                None => break,
            },
            _ = look.tick() => {
                console.wait_for(&told(&load, samples.len(), start));
                memory = client.memory().await.max(memory);
            }
        }
    }
    let took = start.elapsed();
    let memory = client.memory().await.max(memory);
    console.waited();
    Figures::of(samples, load.concurrency, took, memory)
}

fn told(load: &Load, done: usize, start: Instant) -> String {
    match load.until {
        Until::Count(count) => format!("{done} of {count} predictions"),
        Until::Elapsed(time) => {
            let left = time.saturating_sub(start.elapsed());
            format!("{done} predictions, {} s to go", left.as_secs())
        }
    }
}

/// One prediction, however it ends.
async fn one(client: &Client, input: &Map<String, Value>, streams: bool) -> Sample {
    let start = Instant::now();
    let mut first = None;
    let outcome = if streams { by_events(client, input, start, &mut first).await } else { None };
    let outcome = match outcome {
        Some(outcome) => outcome,
        None => client.predict(input).await,
    };
    let busy = matches!(outcome, Err(Error::Busy(_)));
    let failure = match outcome {
        Ok(response) if response.status == Status::Succeeded => None,
        Ok(response) => Some(response.error.unwrap_or_else(|| format!("it {}", response.status.as_str()))),
        Err(error) => Some(error.to_string()),
    };
    Sample { at: Duration::ZERO, took: start.elapsed(), first, failure, busy }
}

/// The same by events; `None` where the model tells none.
async fn by_events(
    client: &Client,
    input: &Map<String, Value>,
    start: Instant,
    first: &mut Option<Duration>,
) -> Option<Result<PredictionResponse, Error>> {
    let mut events = match client.events(input).await {
        Ok(Told::Events(events)) => events,
        Ok(Told::NoEvents) => return None,
        Err(error) => return Some(Err(error)),
    };
    loop {
        match events.next().await {
            Ok(Some(Event::Piece(_))) => {
                first.get_or_insert_with(|| start.elapsed());
            }
            Ok(Some(Event::Completed(response))) => return Some(Ok(*response)),
            Ok(Some(Event::Log(_))) => {}
            Ok(None) => {
                let lost = "the connection was closed before the prediction ended".to_owned();
                return Some(Err(Error::Stream(lost)));
            }
            Err(error) => return Some(Err(error)),
        }
    }
}
