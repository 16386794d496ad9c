//! The model on this machine, without an engine: compiled by the host's cargo, run as a process.
//!
//! Owns the compile and the process's life. Refuses to know what the model is asked.

mod compile;
mod error;
mod group;
mod process;
mod schema;

pub use compile::{compile, compile_at};
pub use error::Error;
pub use process::{LOOPBACK, Launch, Process};
pub use schema::document;
