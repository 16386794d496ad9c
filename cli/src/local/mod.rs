//! The model on this machine, without an engine: a binary that says what it is and runs as a process.
//!
//! Owns the process's life. Refuses to know how the binary came to be, and what the model is asked.

mod error;
mod process;
mod schema;

pub use error::Error;
pub use process::{LOOPBACK, Launch, Process};
pub use schema::document;
