//! Images as the OCI specifications have them: layers, a configuration, a manifest, in a directory.
//!
//! Owns bytes and digests: the same entries give the same image, anywhere and at any time. Refuses to know what a
//! model is, and any engine or registry.

mod error;
mod image;
mod index;
mod layer;
mod layout;
mod memory;
mod rewrite;
mod saved;
#[cfg(test)]
mod tests;

pub use error::{Error, Result};
pub use image::{Config, Image, MANIFEST, Made, moment};
pub use index::{INDEX, Index, Member, Platform};
pub use layer::{Layer, Packing};
pub use layout::{Layout, MARK};
pub use saved::Saved;
