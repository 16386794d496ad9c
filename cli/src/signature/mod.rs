//! What a model takes and gives, for people: in words, and what a change of it breaks.
//!
//! Owns the comparison of two signatures and the sentences about it. Refuses to know where a signature comes from.

mod breaks;
#[cfg(test)]
mod tests;
mod words;

pub use breaks::breaks;
pub use words::{limits, of_output, of_type};
