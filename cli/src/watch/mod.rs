//! A model that follows its source: what changes there, and callers who do not notice.
//!
//! Owns the watching of a project's files ([`Changes`]) and the port that stays while models come and go ([`Front`]).
//! Refuses to know how a model is made or started.

mod changes;
mod error;
mod front;

pub use changes::{Change, Changes};
pub use error::Error;
pub use front::Front;
