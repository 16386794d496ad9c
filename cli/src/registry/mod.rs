//! Registries, spoken to directly, by the OCI distribution specification.
//!
//! Owns logging in, what is worth another try, and that nothing gets a name there but what is there as a whole. Refuses
//! to know where an image comes from: blobs are bytes that lie somewhere, a manifest is bytes.

mod auth;
mod blob;
mod challenge;
mod client;
mod download;
mod endpoint;
mod error;
mod login;
mod patience;
mod places;
mod push;
mod read;
mod sending;
mod unfinished;
mod upload;

pub use blob::{Blob, Part};
pub use client::Registry;
pub use endpoint::is_local;
pub use error::{Error, Result};
pub use login::{Checked, check, replicate};
pub use push::Parcel;
pub use read::Manifest;
pub use sending::{BadSetting, Sending};
