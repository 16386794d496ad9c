//! Serve a Rust function as a machine-learning model.

pub mod model;

// What the macros' expansions name; not for authors.
#[doc(hidden)]
pub use cog_schema as schema;
