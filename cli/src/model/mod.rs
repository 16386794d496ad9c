//! A running model, wherever it runs: a process of this machine, a container, or a server somewhere.
//!
//! Owns its life ([`Running`]) and the questions it is asked over HTTP ([`Client`]). Refuses to know how it was built.

mod client;
mod error;
mod events;
mod running;

pub use client::{Client, Told};
pub use error::Error;
pub use events::{Event, Events};
pub use running::Running;
