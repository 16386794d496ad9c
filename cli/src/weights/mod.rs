//! Managed weights: files that a model loads, kept by their digests, in a store on this machine and in a registry.
//!
//! Owns the lock file, the store, and how files become layers, byte for byte as other tools of this protocol make them.
//! Weights never go through a build's context. Refuses to know what a model does with them.

mod archive;
mod artifact;
mod claims;
mod drift;
mod error;
mod filter;
mod import;
mod ingest;
mod inventory;
mod layers;
mod lock;
mod mounts;
mod packing;
mod partial;
mod prune;
mod pull;
mod seen;
mod source;
mod status;
mod store;
mod teller;
#[cfg(test)]
mod testing;

pub use claims::Claims;
pub use drift::check;
pub use error::{Error, Result};
pub use import::{Imported, import, push, replace};
pub use lock::{Entry, Lock};
pub use mounts::{Mounts, list};
pub use prune::prune;
pub use pull::pull;
pub use status::{READY, Standing, all_there, status};
pub use store::Store;
pub use teller::Teller;
