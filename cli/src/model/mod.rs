//! A running model, wherever it runs: a process of this machine or a container.
//!
//! Owns its life ([`Running`]) and the questions it is asked over HTTP ([`Client`]). Refuses to know how it was built.

mod client;
mod error;
mod running;

pub use client::Client;
pub use error::Error;
pub use running::Running;
