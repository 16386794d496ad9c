//! How times are spread.

use std::time::Duration;

use super::figures::count;

/// How many of `times`, which are sorted, lie from one bound to the next. Bounds grow by a constant factor, as times do.
pub(super) fn histogram(times: &[Duration], bars: usize) -> Vec<Bar> {
    let (Some(shortest), Some(longest)) = (times.first(), times.last()) else { return Vec::new() };
    let low = shortest.as_secs_f64().max(1e-6);
    let high = longest.as_secs_f64().max(low * 1.05);
    let bound = |index: usize| Duration::from_secs_f64(low * (high / low).powf(count(index) / count(bars)));
    let below = |time: Duration| times.partition_point(|other| *other < time);
    (0..bars)
        .map(|index| {
            let from = if index == 0 { 0 } else { below(bound(index)) };
            let to = if index + 1 == bars { times.len() } else { below(bound(index + 1)) };
            Bar { from: bound(index), to: bound(index + 1), count: to - from }
        })
        .collect()
}

/// One bar of a histogram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bar {
    /// Its lower bound.
    pub(super) from: Duration,
    /// Its upper bound.
    pub(super) to: Duration,
    /// How many lie between.
    pub(super) count: usize,
}
