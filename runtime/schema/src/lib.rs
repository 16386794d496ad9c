//! What a predictor promises: its signature, and everything that follows from the signature alone.
//!
//! This crate is a leaf. It knows serde and nothing of tokio, HTTP or files, so that the macros (at compile time),
//! the server (at request time) and the command line (before any request) share one answer to "is this value
//! allowed?".

mod admits;
mod check;
mod coerce;
pub mod envelope;
mod fault;
mod number;
pub mod openapi;
mod pattern;
mod signature;
mod types;
mod violation;

pub use check::Checked;
pub use coerce::coerce;
pub use fault::Fault;
pub use pattern::Pattern;
pub use signature::{Constraints, Delivery, Input, Output, Signature};
pub use types::{Field, IntegerRange, Type};
pub use violation::{Breach, MASK, Shown, Violation};
