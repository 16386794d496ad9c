//! What a check came to.

use serde::Serialize;

use super::Fix;

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The check, by a word that stays the same.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What is the case.
    pub what: String,
    /// Why that matters; nothing where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
    /// What `--fix` does about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Some things will not work, or not well.
    Warning,
    /// The next build or prediction fails.
    Error,
}

impl Finding {
    pub(super) fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, level: Level::Ok, what: what.into(), why: None, mend: None, fix: None }
    }

    pub(super) fn warning(
        check: &'static str,
        what: impl Into<String>,
        why: &'static str,
        mend: impl Into<String>,
    ) -> Self {
        let mend = Some(mend.into());
        Self { check, level: Level::Warning, what: what.into(), why: Some(why), mend, fix: None }
    }

    pub(super) fn error(
        check: &'static str,
        what: impl Into<String>,
        why: &'static str,
        mend: impl Into<String>,
    ) -> Self {
        Self { level: Level::Error, ..Self::warning(check, what, why, mend) }
    }
}
