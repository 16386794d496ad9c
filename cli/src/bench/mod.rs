//! How fast a model is: load put on it, figures taken of that, pictures made of those.
//!
//! Owns what is measured and how it is shown. Refuses to know where the model runs: it is whoever answers a
//! [`Client`](crate::model::Client).

mod figures;
mod histogram;
mod load;
mod plot;
mod report;
#[cfg(test)]
mod tests;

pub use figures::Figures;
pub use load::{Load, Until, put};
pub use plot::plot;
pub use report::{Form, Report};

/// Why a measurement is none.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Some of many did not succeed.
    #[error("{failed} of {of} predictions failed")]
    SomeFailed {
        /// How many.
        failed: usize,
        /// Of how many.
        of: usize,
        /// How many at a time, where that was more than the model takes.
        at_once: Option<usize>,
    },
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        let Self::SomeFailed { at_once, .. } = self;
        at_once.map(|at_once| {
            format!(
                "the model takes fewer than {at_once} at a time: ask for fewer, let the others wait with \
                 `-e COG_QUEUE_LIMIT={at_once}`, or raise `concurrency` in cog.yaml where the model can take it"
            )
        })
    }
}
