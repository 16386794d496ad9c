//! What a prediction gave, on its way to the standard output or to files.
//!
//! Owns names, extensions and forms: text as it is, files as files, everything else as JSON. Refuses to print: what
//! belongs on the standard output is returned.

mod data_url;
mod destination;
mod error;
mod extension;
mod pieces;
#[cfg(test)]
mod tests;
mod written;

pub use destination::Destination;
pub use error::Error;
pub use pieces::Pieces;
pub use written::{Written, WrittenFile};
