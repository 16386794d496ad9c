//! How often a thing is tried, and how long to wait between.

use std::time::{Duration, SystemTime};

use super::{Error, Result};

/// Tries in a row that may come to nothing.
const TRIES: u32 = 6;
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);
/// The longest wait that a registry may ask for.
const OBLIGING: Duration = Duration::from_secs(120);

/// What is left of the patience with one piece of work.
#[derive(Debug, Default)]
pub(super) struct Patience {
    spent: u32,
}

impl Patience {
    /// Something was got done: whatever fails from here on is a new trouble.
    pub(super) fn renew(&mut self) {
        self.spent = 0;
    }

    /// Waits until it is worth trying again.
    ///
    /// # Errors
    /// The trouble itself, when it is not of the passing kind or has lasted too long.
    pub(super) async fn after(&mut self, error: Error) -> Result<()> {
        self.spent += 1;
        if !error.is_passing() || self.spent >= TRIES || error.after().is_some_and(|after| after > OBLIGING) {
            return Err(error);
        }
        let usual = LONGEST.min(FIRST * 2_u32.pow(self.spent - 1));
        // Those who were cut off together should not all come back at one moment.
        let moment = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let jitter = usual / 10 * (moment.subsec_micros() % 11) / 10;
        let usual = usual + jitter;
        // A moment by another clock may be over already, and is no leave to come back at once.
        tokio::time::sleep(error.after().map_or(usual, |after| after.max(usual))).await;
        Ok(())
    }
}

/// What `work` comes to, which is tried again for as long as that is worth it.
///
/// # Errors
/// The last trouble: see [`Patience::after`].
pub(super) async fn patiently<T, W: Future<Output = Result<T>>>(mut work: impl FnMut() -> W) -> Result<T> {
    let mut patience = Patience::default();
    loop {
        match work().await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => patience.after(error).await?,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_registry_whose_clock_is_behind_is_not_asked_again_at_once() {
        let error = Error::Answered {
            registry: "r.example.com".to_owned(),
            action: "a test".to_owned(),
            status: reqwest::StatusCode::TOO_MANY_REQUESTS,
            reason: "slow down".to_owned(),
            after: Some(Duration::ZERO),
        };
        let begin = Instant::now();
        Patience::default().after(error).await.unwrap();
        assert!(begin.elapsed() >= FIRST);
    }
}
