//! The wall clock, as the wire writes it.

use std::time::Instant;

/// When something happened: for people by the wall clock, for lengths of time by one that does not jump.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) wall: String,
    pub(super) at: Instant,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self { wall: now(), at: Instant::now() }
    }
}

/// Now, RFC 3339 with nanoseconds and the offset `+00:00`.
pub(super) fn now() -> String {
    let text = format!("{:.9}", jiff::Timestamp::now());
    match text.strip_suffix('Z') {
        Some(text) => format!("{text}+00:00"),
        None => text,
    }
}

/// An id for a prediction whose caller gave none.
pub(super) fn fresh_id() -> String {
    use std::sync::atomic::{AtomicI64, Ordering};
    // Never the same twice, whatever the clock's resolution or its jumps.
    static LAST: AtomicI64 = AtomicI64::new(0);
    let now = i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(0);
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(now.max(last + 1)));
    format!("pred_{:x}", now.max(last.unwrap_or(0) + 1))
}
