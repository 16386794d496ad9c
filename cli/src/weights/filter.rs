//! Which files of a source are wanted: patterns in the manner of `.gitignore`.
//!
//! `include` admits, and where it is empty everything is admitted; `exclude` drops, and is stronger. A pattern without a
//! slash holds at any depth, one with a slash from the source's root on; one that ends in a slash holds for directories.
//! What holds for a directory holds for all below it.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::{Error, Result};

/// The patterns of a source.
#[derive(Debug)]
pub(super) struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl Filter {
    pub(super) fn new(include: &[String], exclude: &[String]) -> Result<Self> {
        let include = if include.is_empty() { None } else { Some(set(include)?) };
        Ok(Self { include, exclude: set(exclude)? })
    }

    /// Whether a file is wanted.
    pub(super) fn admits(&self, path: &str) -> bool {
        self.include.as_ref().is_none_or(|include| include.is_match(path)) && !self.exclude.is_match(path)
    }
}

fn set(patterns: &[String]) -> Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let bad = |error: globset::Error| Error::BadPattern {
            pattern: pattern.clone(),
            reason: error.kind().to_string(),
        };
        let (bare, only_directories) = match pattern.strip_suffix('/') {
            Some(bare) => (bare, true),
            None => (pattern.as_str(), false),
        };
        let rooted = match bare.strip_prefix('/') {
            Some(rooted) => rooted.to_owned(),
            None if bare.contains('/') => bare.to_owned(),
            None => format!("**/{bare}"),
        };
        let mut add = |glob: &str| -> Result<()> {
            set.add(GlobBuilder::new(glob).literal_separator(true).build().map_err(bad)?);
            Ok(())
        };
        if !only_directories {
            add(&rooted)?;
        }
        add(&format!("{rooted}/**"))?;
    }
    set.build()
        .map_err(|error| Error::BadPattern { pattern: patterns.join("`, `"), reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    fn admits(include: &[&str], exclude: &[&str], path: &str) -> bool {
        let own = |patterns: &[&str]| patterns.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>();
        Filter::new(&own(include), &own(exclude)).unwrap().admits(path)
    }

    #[test]
    fn patterns_hold_as_in_gitignore() {
        for (pattern, path) in [
            ("*.json", "config.json"),
            ("*.json", "a/b/config.json"),
            ("onnx/", "onnx/model.onnx"),
            ("onnx/", "a/onnx/b/model.onnx"),
            ("onnx", "onnx/model.onnx"),
            ("onnx", "onnx"),
            ("a/*.bin", "a/x.bin"),
            ("/x.bin", "x.bin"),
            ("a/**/x", "a/b/c/x"),
            ("model-0000[12].bin", "model-00002.bin"),
        ] {
            assert!(admits(&[pattern], &[], path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("*.json", "config.jsonl"),
            ("onnx/", "onnx"),
            ("a/*.bin", "b/a/x.bin"),
            ("a/*.bin", "a/b/x.bin"),
            ("/x.bin", "a/x.bin"),
        ] {
            assert!(!admits(&[pattern], &[], path), "{pattern} {path}");
        }
    }

    #[test]
    fn exclude_is_stronger_and_no_include_admits_all() {
        assert!(admits(&[], &[], "a"));
        assert!(!admits(&["*.bin"], &["pytorch_model.bin"], "pytorch_model.bin"));
        assert!(admits(&["*.bin"], &["pytorch_model.bin"], "model.bin"));
        assert!(!admits(&[], &["*.md"], "README.md"));
    }
}
