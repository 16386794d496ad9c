//! The author's side: the types and traits that models are written with, and the glue under the macros.
//!
//! Knows nothing of HTTP, processes or files in flight: everything it asks of the running side is
//! [`crate::model::Reporter`].

pub(crate) mod choice;
pub(crate) mod error;
pub mod glue;
pub(crate) mod input;
pub(crate) mod inputs;
pub(crate) mod managed;
pub(crate) mod metric;
pub(crate) mod output;
pub(crate) mod path;
pub(crate) mod prediction;
pub(crate) mod returns;
pub(crate) mod secret;
pub(crate) mod setup;
pub(crate) mod span;
pub mod testing;
pub(crate) mod token;
