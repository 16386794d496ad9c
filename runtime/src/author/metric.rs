//! A metric that was refused.

use std::fmt;

/// Why a metric was not recorded: its name breaks the rules, or its value does not fit what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricError(pub(crate) String);

impl fmt::Display for MetricError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for MetricError {}
