//! Data URLs (RFC 2397), read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Error;

/// A data URL's content and its media type, without parameters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DataUrl {
    pub(super) media_type: String,
    pub(super) bytes: Vec<u8>,
}

impl DataUrl {
    /// Reads a text that begins with `data:`.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let rest = text.strip_prefix("data:").ok_or(Error::DataUrl("it does not begin with `data:`"))?;
        let (head, content) = rest.split_once(',').ok_or(Error::DataUrl("it has no comma"))?;
        let mut parts = head.split(';').map(str::trim);
        let media_type = match parts.next() {
            Some("") | None => "text/plain".to_owned(),
            Some(media_type) => media_type.to_ascii_lowercase(),
        };
        let bytes = if parts.any(|part| part.eq_ignore_ascii_case("base64")) {
            STANDARD.decode(content.trim_ascii()).map_err(|_| Error::DataUrl("its base64 is broken"))?
        } else {
            unescaped(content)
        };
        Ok(Self { media_type, bytes })
    }
}

/// The bytes that `%XX`s stand for; anything else stands for itself.
fn unescaped(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(escaped) => {
                plain.push(escaped);
                at += 3;
            }
            None => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    plain
}
