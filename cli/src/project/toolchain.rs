//! Rust version.
