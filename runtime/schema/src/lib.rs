//! What a predictor promises: its signature, and everything that follows from the signature alone.
//!
//! This crate is a leaf. It knows serde and nothing of tokio, HTTP or files, so that the macros (at compile time),
//! the server (at request time) and the command line (before any request) share one answer to "is this value
//! allowed?".
//!
//! ```
//! use cog_schema::{Delivery, Input, IntegerRange, Output, Signature, Type, openapi};
//! use serde_json::json;
//!
//! let mut width = Input::new("width", Type::Integer(IntegerRange::U32));
//! width.constraints.ge = Some(1.into());
//! width.default = Some(json!(64));
//! let output = Output { ty: Type::Path, delivery: Delivery::Single };
//! let signature = Signature { inputs: vec![width], output };
//! assert_eq!(signature.faults(), []);
//!
//! // The server: check, fill in defaults, or say what is wrong.
//! let checked = signature.check_input(json!({})).expect("a default for every input");
//! assert_eq!(checked.input["width"], 64);
//! let refused = signature.check_input(json!({"width": 0})).expect_err("no width");
//! assert_eq!(refused[0].msg, "0 is less than the minimum of 1");
//!
//! // The command line: the same rule, from the document in an image's label.
//! let read = openapi::read(&openapi::document(&signature, "0.1.0"))?;
//! let width = &read.inputs[0];
//! let violations = width.admits(&width.coerce("0")).expect_err("no width");
//! assert_eq!(violations[0].to_string(), "invalid input `width`: must be at least 1, got 0");
//! # Ok::<(), openapi::ReadFault>(())
//! ```

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
