//! SHA-256, as digests are written: `sha256:` and 64 hexadecimal digits.
//!
//! Gigabytes go through here, so it is the implementation that the TLS library brings along: written in assembly for
//! each kind of processor, nearly twice as fast as the portable one where the processor has no instructions for it.

use std::fmt::Write as _;
use std::io::{self, Read, Write};

use ring::digest::{Context, SHA256};

use crate::buffer::Buffer;

const PREFIX: &str = "sha256:";
/// Bytes read at once.
const READ: usize = 256 << 10;

/// A digest under way.
pub struct Hasher(Context);

impl Hasher {
    /// Of no bytes yet.
    pub fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Takes all that is left to be read, and says how many bytes that was.
    pub fn read(&mut self, mut source: impl Read) -> io::Result<u64> {
        let (mut bytes, mut size) = (Buffer::new(READ), 0);
        loop {
            match source.read(&mut bytes) {
                Ok(0) => return Ok(size),
                Ok(read) => {
                    self.update(&bytes[..read]);
                    size += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The digest of those taken so far.
    pub fn so_far(&self) -> String {
        Self(self.0.clone()).finish()
    }

    /// The digest of all of them.
    pub fn finish(self) -> String {
        let mut text = PREFIX.to_owned();
        for byte in self.0.finish().as_ref() {
            let _infallible = write!(text, "{byte:02x}");
        }
        text
    }
}

/// A writer that knows the digest and number of bytes that went through it.
pub struct Summed<W> {
    out: W,
    hasher: Hasher,
    size: u64,
}

impl<W: Write> Summed<W> {
    /// Passes on to `out`.
    pub fn new(out: W) -> Self {
        Self { out, hasher: Hasher::new(), size: 0 }
    }

    /// Where it all went, its digest, and how much it was.
    pub fn finish(self) -> (W, String, u64) {
        (self.out, self.hasher.finish(), self.size)
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The digest of some bytes.
pub fn digest(bytes: &[u8]) -> String {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher.finish()
}

/// The digits of a digest.
pub fn hex(digest: &str) -> &str {
    digest.strip_prefix(PREFIX).unwrap_or(digest)
}

/// As many digits of a digest as tell it from others.
pub fn short(digest: &str) -> &str {
    let digits = hex(digest);
    digits.get(..12).unwrap_or(digits)
}

/// A name for something whose own is too long, or unfit: the short digest of it.
pub fn name_for(bytes: &[u8]) -> String {
    short(&digest(bytes)).to_owned()
}

/// Whether a text is a digest.
pub fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix(PREFIX).unwrap_or_default();
    digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
