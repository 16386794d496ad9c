//! The files of a weight, and the digest of all of them together.

use crate::digest::{digest, hex};

/// A file of a weight.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Where it is below the weight's target, with `/` between the parts.
    pub path: String,
    /// Its size, in bytes.
    pub size: u64,
    /// `sha256:…` of its bytes.
    pub digest: String,
}

/// The digest of a set of files. Lines are sorted as wholes, so by digest, and the last one has no end.
pub(super) fn set_digest<'a>(files: impl Iterator<Item = &'a File>) -> String {
    let mut lines: Vec<String> = files.map(|file| format!("{}  {}", hex(&file.digest), file.path)).collect();
    lines.sort_unstable();
    digest(lines.join("\n").as_bytes())
}

/// Whether a path stays below the directory it is joined to, whatever it is joined to.
pub(super) fn is_safe(path: &str) -> bool {
    !path.contains(['\0', '\\']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn a_path_that_leads_elsewhere_is_not_safe() {
        for path in ["a", "a/b.bin", "..a/b..", "ä b"] {
            assert!(is_safe(path), "{path}");
        }
        for path in ["", "/a", "a/", "a//b", "../a", "a/../b", "./a", "a\\b", "a\0"] {
            assert!(!is_safe(path), "{path:?}");
        }
    }
}
