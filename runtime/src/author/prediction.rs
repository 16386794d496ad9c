//! What `predict` can ask of the prediction it runs for.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::model::{LogSource, MetricMode, Prediction};
use crate::{Canceled, MetricError};

impl Prediction {
    /// The prediction's id.
    pub fn id(&self) -> &str {
        self.inner.id()
    }

    /// What the caller sent along as `context`.
    pub fn context(&self) -> &BTreeMap<String, String> {
        self.inner.context()
    }

    /// Whether the caller has given up.
    pub fn cancelled(&self) -> bool {
        self.inner.is_cancelled()
    }

    /// Completes when the caller gives up; never, if they do not.
    pub async fn cancellation(&self) {
        self.inner.cancelled().await;
    }

    /// Ends the prediction with `?` if the caller has given up; for loops that take long.
    ///
    /// ```
    /// # use cog::prelude::*;
    /// #[cog::predict]
    /// fn sum(numbers: Vec<f64>, ctx: &Prediction) -> Result<f64> {
    ///     let mut sum = 0.0;
    ///     for number in numbers {
    ///         ctx.check()?;
    ///         sum += number;
    ///     }
    ///     Ok(sum)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Canceled`].
    pub fn check(&self) -> Result<(), Canceled> {
        if self.cancelled() { Err(Canceled) } else { Ok(()) }
    }

    /// Blocks the thread for that long, or until the caller gives up.
    ///
    /// # Errors
    /// [`Canceled`].
    pub fn sleep(&self, time: Duration) -> Result<(), Canceled> {
        if self.inner.sleep(time) { Err(Canceled) } else { Ok(()) }
    }

    /// Writes a line to the prediction's log, from any thread. [`cog::log!`](crate::log) formats it.
    pub fn log(&self, line: impl fmt::Display) {
        let mut text = line.to_string();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        self.inner.log(LogSource::Stdout, &text);
    }

    /// Records a metric in place of what was there. Dots in the name nest (`tokens.input`).
    ///
    /// # Errors
    /// A name outside the rules (1 to 128 bytes, up to four segments of letters, digits and single underscores,
    /// not `predict_time`, not starting with `cog.`), a value of another type than the one before, or null.
    pub fn record_metric(&self, name: &str, value: impl Into<Value>) -> Result<(), MetricError> {
        let value = value.into();
        if value.is_null() {
            return Err(MetricError(format!(
                "metric `{name}`: null is no value; `delete_metric` takes the metric away"
            )));
        }
        self.metric(name, value, MetricMode::Replace)
    }

    /// Takes a metric away, so that its name may hold another type; nothing happens where there is none.
    ///
    /// # Errors
    /// A name outside the rules of [`record_metric`](Self::record_metric).
    pub fn delete_metric(&self, name: &str) -> Result<(), MetricError> {
        self.metric(name, Value::Null, MetricMode::Replace)
    }

    /// Adds a number to a metric, which starts at zero.
    ///
    /// # Errors
    /// As [`record_metric`](Self::record_metric).
    pub fn increment_metric(&self, name: &str, by: impl Into<Value>) -> Result<(), MetricError> {
        self.metric(name, by.into(), MetricMode::Increment)
    }

    /// Appends a value to a metric that is a list.
    ///
    /// # Errors
    /// As [`record_metric`](Self::record_metric).
    pub fn append_metric(&self, name: &str, value: impl Into<Value>) -> Result<(), MetricError> {
        self.metric(name, value.into(), MetricMode::Append)
    }

    fn metric(&self, name: &str, value: Value, mode: MetricMode) -> Result<(), MetricError> {
        self.inner.metric(name, value, mode).map_err(MetricError)
    }
}

impl fmt::Debug for Prediction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Prediction").field("id", &self.id()).finish_non_exhaustive()
    }
}

/// Writes a formatted line to a prediction's log.
///
/// ```
/// # use cog::prelude::*;
/// #[cog::predict]
/// fn hello(name: String, ctx: &Prediction) -> String {
///     cog::log!(ctx, "greeting {name}");
///     format!("Hello, {name}!")
/// }
/// ```
#[macro_export]
macro_rules! log {
    ($prediction:expr, $($words:tt)+) => {
        $prediction.log(::core::format_args!($($words)+))
    };
}
