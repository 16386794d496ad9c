//! The playground: one page for any running model, served by this program.
//!
//! Owns the page ([`page`]), the way from it to the model ([`proxy`]), the place where webhooks of the model come in
//! ([`webhook`]) and who may use all that ([`guard`]). Refuses to know what the model is: the page reads that from the
//! model's schema.

mod browser;
mod error;
mod guard;
mod headers;
mod page;
mod proxy;
mod server;
mod target;
mod webhook;

pub use browser::open;
pub use error::Error;
pub use server::{Playground, Settings};
