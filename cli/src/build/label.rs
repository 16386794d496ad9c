//! The second, tiny solve: labels on an image that is otherwise done.
//!
//! They go in as a Dockerfile rather than as the API's parameter, because a parameter is part of a URL, and a schema
//! is larger than those may be.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Error, Result};
use crate::engine::ContextTar;

/// Where the Dockerfile lies in its context.
pub(super) const DOCKERFILE: &str = "Dockerfile";

/// Longest line written; the builder's limit is 64 KiB.
const LINE: usize = 8 * 1024;

/// A context that puts `labels` on `image`.
pub(super) fn context(image: &str, labels: &BTreeMap<String, String>) -> Result<ContextTar> {
    let text = dockerfile(image, labels)?;
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, DOCKERFILE, text.as_bytes()).map_err(crate::engine::Error::Context)?;
    Ok(ContextTar::from_bytes(tar.into_inner().map_err(crate::engine::Error::Context)?))
}

pub(super) fn dockerfile(image: &str, labels: &BTreeMap<String, String>) -> Result<String> {
    let mut text = format!("FROM {image}\n");
    for (name, value) in labels {
        if value.contains(['\n', '\r']) {
            return Err(Error::Label { name: name.clone(), reason: "it has a line break" });
        }
        let line = format!("LABEL \"{}\"=\"{}\"", quote(name), quote(value));
        let folded = fold(&line).ok_or(Error::Label { name: name.clone(), reason: "it is too long" })?;
        let _ = writeln!(text, "{folded}");
    }
    Ok(text)
}

fn quote(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$")
}

/// Breaks a line where the builder will join it again to the same text: not after a backslash, which would swallow
/// the one that continues the line, and not before a `#`, which would begin a comment, or a blank, which might be lost.
fn fold(line: &str) -> Option<String> {
    let mut folded = String::with_capacity(line.len() + line.len() / LINE * 2);
    let mut rest = line;
    while rest.len() > LINE {
        let at = rest.char_indices().rev().skip_while(|(at, _)| *at > LINE).find_map(|(at, next)| {
            let before = rest[..at].chars().next_back()?;
            (before != '\\' && next != '#' && !next.is_whitespace()).then_some(at)
        })?;
        folded.push_str(&rest[..at]);
        folded.push_str("\\\n");
        rest = &rest[at..];
    }
    folded.push_str(rest);
    Some(folded)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_label_is_quoted_for_the_builder() {
        let labels = BTreeMap::from([("a".to_owned(), r#"{"cost":"5$ \"or\" more\n"}"#.to_owned())]);
        assert_eq!(
            dockerfile("cog-tmp:1", &labels).unwrap(),
            "FROM cog-tmp:1\nLABEL \"a\"=\"{\\\"cost\\\":\\\"5\\$ \\\\\\\"or\\\\\\\" more\\\\n\\\"}\"\n"
        );
    }

    #[test]
    fn a_long_label_is_folded_at_places_that_join_again() {
        let value = r##"{"a":"b # c","#d":["\\", " e"]},"##.repeat(20_000);
        let labels = BTreeMap::from([("a".to_owned(), value)]);
        let text = dockerfile("cog-tmp:1", &labels).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() > 50);
        for pair in lines[1..].windows(2) {
            assert!(pair[0].len() <= LINE + 1);
            let kept = pair[0].strip_suffix('\\').unwrap();
            assert!(!kept.ends_with('\\'), "{kept}");
            assert!(!pair[1].starts_with(['#', ' ', '\t']), "{}", pair[1]);
        }
    }

    #[test]
    fn a_line_break_is_refused() {
        let labels = BTreeMap::from([("a".to_owned(), "b\nc".to_owned())]);
        assert!(dockerfile("x", &labels).is_err());
    }
}
