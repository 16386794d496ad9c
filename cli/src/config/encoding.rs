//! From the bytes of the file to its text.
//!
//! Refuses what is no text, or too much of it to be a page of settings, as a fault with a place like any other.

use super::Fault;

/// How long a file may be, in bytes. The parser's time and memory are bounded by it.
const LIMIT: usize = 1 << 20;
/// How many characters of a refused file are shown at most.
const SHOWN: usize = 60;

/// A file that is no text: what can be shown of it, and what is wrong.
pub(super) struct Refused {
    pub(super) text: String,
    pub(super) fault: Fault,
}

/// The text, without the mark that some editors put before it.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Refused> {
    if bytes.len() > LIMIT {
        let start = &bytes[..SHOWN * 4];
        return Err(Refused::at_the_start(
            String::from_utf8_lossy(start).chars(),
            format!("the file has {} bytes, and at most {LIMIT} are read", bytes.len()),
            "keep settings here, and data in files of the project",
        ));
    }
    let units = |unit: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2).map(move |pair| unit([pair[0], pair[1]]));
        let chars = char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER));
        Refused::at_the_start(chars, "the file is UTF-16".to_owned(), "save it as UTF-8")
    };
    match bytes {
        [0xff, 0xfe, ..] => return Err(units(u16::from_le_bytes)),
        [0xfe, 0xff, ..] => return Err(units(u16::from_be_bytes)),
        _ => {}
    }
    let text = std::str::from_utf8(bytes).map_err(|error| Refused::within(bytes, error.valid_up_to()))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

impl Refused {
    fn at_the_start(chars: impl Iterator<Item = char>, message: String, hint: &str) -> Self {
        let text: String = chars.take_while(|char| !matches!(char, '\n' | '\r')).take(SHOWN).collect();
        let fault = Fault { line: 1, column: 1, span: 0..text.len(), message, hint: hint.to_owned() };
        Self { text, fault }
    }

    /// The byte at `at`, before which all is text.
    fn within(bytes: &[u8], at: usize) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let fault = Fault {
            line: text[..at].matches('\n').count() + 1,
            column: text[line_start..at].chars().count() + 1,
            span: at..at + char::REPLACEMENT_CHARACTER.len_utf8(),
            message: format!("byte 0x{:02x} is not UTF-8", bytes[at]),
            hint: "save the file as UTF-8".to_owned(),
        };
        Self { text, fault }
    }
}
