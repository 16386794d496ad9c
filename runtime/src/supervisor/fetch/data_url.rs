//! `data:` URLs.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::name::{decode, decode_bytes};

/// Padding may be left out, as browsers let it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Debug, PartialEq, Eq)]
pub(in crate::supervisor) struct Data {
    /// In lower case, without parameters.
    pub(in crate::supervisor) media_type: String,
    pub(in crate::supervisor) bytes: Vec<u8>,
}

/// Reads a URL that begins with `data:`.
pub(in crate::supervisor) fn read(url: &str) -> Result<Data, String> {
    let rest = url.strip_prefix("data:").unwrap_or(url);
    let (head, payload) = rest.split_once(',').ok_or("the data URL has no comma before its data")?;
    let mut parts = head.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
    let media_type = if media_type.is_empty() { "text/plain".to_owned() } else { media_type };
    let bytes = if parts.next_back().is_some_and(|last| last.eq_ignore_ascii_case("base64")) {
        let payload = decode(payload, false);
        let decoded = if payload.contains(|c: char| c.is_ascii_whitespace()) {
            BASE64.decode(payload.split_ascii_whitespace().collect::<String>())
        } else {
            BASE64.decode(payload.as_bytes())
        };
        decoded.map_err(|error| format!("the data URL's base64 is damaged: {error}"))?
    } else {
        decode_bytes(payload, false)
    };
    Ok(Data { media_type, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(media_type: &str, bytes: &[u8]) -> Result<Data, String> {
        Ok(Data { media_type: media_type.into(), bytes: bytes.into() })
    }

    #[test]
    fn base64_and_percent_encoding_are_read() {
        assert_eq!(read("data:image/png;base64,aGk="), data("image/png", b"hi"));
        assert_eq!(read("data:image/png;base64,aGk"), data("image/png", b"hi"));
        assert_eq!(read("data:image/png;base64,aG%0Ak%3D"), data("image/png", b"hi"));
        assert_eq!(read("data:,a%20b%ff+c"), data("text/plain", b"a b\xff+c"));
        assert_eq!(read("data:text/html;charset=utf-8,<p>"), data("text/html", b"<p>"));
        assert_eq!(read("data:;base64,"), data("text/plain", b""));
    }

    #[test]
    fn damage_is_an_error() {
        assert!(read("data:image/png;base64,a*b").is_err());
        assert!(read("data:image/png;base64,aGkx=").is_err());
        assert!(read("data:image/png;base64").is_err());
    }
}
