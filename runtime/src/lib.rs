//! Serve a Rust function as a machine-learning model.
//!
//! ```no_run
//! use cog::prelude::*;
//!
//! /// Greets somebody.
//! #[cog::predict]
//! fn hello(
//!     /// Whom to greet
//!     name: String,
//! ) -> String {
//!     format!("Hello, {name}!")
//! }
//!
//! fn main() -> ExitCode {
//!     cog::main::<hello>()
//! }
//! ```
//!
//! That is a whole model. `cog build` puts it into a container that answers the Cog prediction protocol over HTTP,
//! `cog predict` asks it, and [`testing`] runs it in your own `cargo test`. A model that keeps something between
//! predictions (weights, a session) is a type with [`#[cog::predictor]`](macro@predictor) on its `impl`.
//!
//! - What goes in: [`trait@Input`], with limits in `#[input(…)]` on the parameters.
//! - What comes out: [`trait@Output`], one value, or piece by piece from an iterator or a stream.
//! - What runs: [`Setup`] is handed to `setup`, [`Prediction`] to `predict`, where they ask for it.
//! - What goes wrong: [`Error`], from any error with `?`.

mod author;
mod command;
mod document;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod journal;
mod main_entry;
mod metrics;
pub mod model;
pub mod prelude;
mod protocol;
mod settings;
mod supervisor;
mod worker;

pub use author::choice::Choice;
pub use author::error::{Canceled, Error, Result};
pub use author::input::Input;
pub use author::inputs::Inputs;
pub use author::metric::MetricError;
pub use author::output::Output;
pub use author::path::Path;
pub use author::secret::Secret;
pub use author::span::Span;
pub use author::testing;
pub use author::token::Token;
pub use cog_macros::{Choice, Input, Inputs, Output, predict, predictor};
pub use futures_util::Stream;
pub use main_entry::{main, main_with_training};
pub use model::{Prediction, Setup};

// What the macros' expansions name; not for authors.
#[doc(hidden)]
pub use author::glue;
#[doc(hidden)]
pub use cog_schema as schema;
