//! The way out: requests to addresses that clients name (file inputs, webhooks) or an operator does (uploads).
//!
//! One connection for each request, dialled only after its address was judged, and again for each redirect.

mod address;
mod client;
mod url;

pub(crate) use address::Policy;
pub(super) use client::{Client, Content, Fault, Request, in_time, innermost};
pub(super) use url::Url;

/// The beginning of a text that may be of any length.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
