//! What a fetched file is called: what its URL calls it, made safe.

use std::borrow::Cow;

/// The longest name, in bytes.
const LONGEST: usize = 200;

/// The last part of a URL's path, decoded; `input` where there is none.
pub(in crate::supervisor) fn of_url(url: &str) -> String {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme.split(['?', '#']).next().unwrap_or_default();
    let base = match path.rsplit_once('/') {
        Some((_, base)) => base,
        None => "",
    };
    safe(&decode(base, true))
}

/// What its sender calls a file, less the folders that some say with it.
pub(super) fn of_attachment(sent_as: &str) -> String {
    safe(sent_as.rsplit(['/', '\\']).next().unwrap_or_default())
}

/// `file` and the media type's extension.
pub(in crate::supervisor) fn of_media_type(media_type: &str) -> String {
    let extension = match media_type {
        "text/plain" => Some("txt"),
        "text/markdown" => Some("md"),
        "text/csv" | "text/html" | "text/css" | "text/xml" | "application/json" | "application/pdf"
        | "application/zip" | "application/xml" | "application/gzip" => subtype(media_type),
        "image/jpeg" => Some("jpg"),
        "image/svg+xml" => Some("svg"),
        "image/x-icon" | "image/vnd.microsoft.icon" => Some("ico"),
        "audio/mpeg" => Some("mp3"),
        "audio/mp4" => Some("m4a"),
        "audio/x-wav" => Some("wav"),
        "video/quicktime" => Some("mov"),
        "video/x-matroska" => Some("mkv"),
        "video/x-msvideo" => Some("avi"),
        "model/gltf-binary" => Some("glb"),
        "application/octet-stream" => Some("bin"),
        // Most media have the extension that their subtype says: png, webp, gif, wav, ogg, mp4, webm.
        media if ["image/", "audio/", "video/"].iter().any(|kind| media.starts_with(kind)) => subtype(media)
            .filter(|name| name.len() <= 5 && name.bytes().all(|byte| byte.is_ascii_alphanumeric())),
        _ => None,
    };
    extension.map_or_else(|| "file".to_owned(), |extension| format!("file.{extension}"))
}

fn subtype(media_type: &str) -> Option<&str> {
    media_type.split_once('/').map(|(_, subtype)| subtype)
}

fn safe(name: &str) -> String {
    let name: String = name.chars().map(|c| if c == '/' || c == '\0' { '_' } else { c }).collect();
    if name.is_empty() || name == "." || name == ".." {
        return "input".to_owned();
    }
    if name.len() <= LONGEST {
        return name;
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() < LONGEST / 2 => (stem, extension),
        _ => (name.as_str(), ""),
    };
    let room = LONGEST - extension.len() - 2;
    let mut cut = room.min(stem.len());
    while !stem.is_char_boundary(cut) {
        cut -= 1;
    }
    let dot = if extension.is_empty() { "" } else { "." };
    format!("{}~{dot}{extension}", &stem[..cut])
}

/// Takes percent encoding (and plus signs for spaces, where `plus`) apart.
pub(in crate::supervisor) fn decode(text: &str, plus: bool) -> Cow<'_, str> {
    // One search per character, each by machine words: data URLs are megabytes of text.
    if !(text.contains('%') || plus && text.contains('+')) {
        return Cow::Borrowed(text);
    }
    let bytes = decode_bytes(text, plus);
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// The same, for what need not be text.
pub(super) fn decode_bytes(text: &str, plus: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            (b'+', _) if plus => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
    }
    bytes
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_last_part_of_the_path() {
        for (url, name) in [
            ("http://h/a/photo.png", "photo.png"),
            ("http://h/photo.png?x=/y.txt#z", "photo.png"),
            ("http://h/a%20b+c.txt", "a b c.txt"),
            ("http://h/a%2F..%2Fb", "a_.._b"),
            ("http://h/%00x", "_x"),
            ("http://h/", "input"),
            ("http://h", "input"),
            ("http://h/..", "input"),
        ] {
            assert_eq!(of_url(url), name, "{url}");
        }
    }

    #[test]
    fn an_attachment_keeps_its_name_and_nothing_of_where_it_was() {
        for (sent_as, name) in [
            ("photo.png", "photo.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\pictures\\cat.jpg", "cat.jpg"),
            ("..", "input"),
            ("", "input"),
        ] {
            assert_eq!(of_attachment(sent_as), name);
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = of_url(&format!("http://h/{}.png", "é".repeat(300)));
        assert!(name.len() <= LONGEST && name.ends_with("~.png"), "{name}");
    }

    #[test]
    fn a_media_type_gives_its_extension() {
        for (media_type, name) in [
            ("image/png", "file.png"),
            ("image/jpeg", "file.jpg"),
            ("text/plain", "file.txt"),
            ("application/x-unheard-of", "file"),
        ] {
            assert_eq!(of_media_type(media_type), name);
        }
    }
}
