//! SHA-256, as digests are written: `sha256:` and 64 hexadecimal digits.
//!
//! Gigabytes go through here, so it is the implementation that the TLS library brings along: written in assembly for
//! each kind of processor, nearly twice as fast as the portable one where the processor has no instructions for it.

use std::fmt::Write as _;

use ring::digest::{Context, SHA256};

const PREFIX: &str = "sha256:";

/// A digest under way.
pub(super) struct Hasher(Context);

impl Hasher {
    pub(super) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> String {
        let mut text = PREFIX.to_owned();
        for byte in self.0.finish().as_ref() {
            let _infallible = write!(text, "{byte:02x}");
        }
        text
    }
}

/// The digest of some bytes.
pub fn digest(bytes: &[u8]) -> String {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher.finish()
}

/// The digits of a digest.
pub(super) fn hex(digest: &str) -> &str {
    digest.strip_prefix(PREFIX).unwrap_or(digest)
}

/// Whether a text is a digest.
pub(super) fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix(PREFIX).unwrap_or_default();
    digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
