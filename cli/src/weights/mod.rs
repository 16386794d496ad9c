//! Managed weights: files that a model loads, kept by their digests, in a store on this machine and in a registry.
//!
//! Owns the lock file, the store, and how files become layers, byte for byte as other tools of this protocol make them.
//! Weights never go through a build's context. Refuses to know what a model does with them.

mod archive;
mod artifact;
mod drift;
mod error;
mod filter;
mod import;
mod ingest;
mod inventory;
mod layers;
mod lock;
mod packing;
mod pull;
mod source;
mod status;
mod store;

pub use drift::check;
pub use error::{Error, Result};
pub use import::{Imported, import, push, replace};
pub use pull::pull;
pub use status::{READY, Standing, status};
pub use store::Store;
