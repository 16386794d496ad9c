//! Certificates.

/// Certificates in PEM form, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates(String);
