//! `major.minor` or `major.minor.patch`, as numbers.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// A CUDA version; without a patch it stands for every patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Version {
    /// Major.
    pub major: u16,
    /// Minor.
    pub minor: u16,
    /// Patch, where it matters.
    pub patch: Option<u16>,
}

/// The text is not a version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version of the form `major.minor`")]
pub struct NotAVersion(String);

impl Version {
    /// Without the patch.
    pub fn minor_only(self) -> Self {
        Self { patch: None, ..self }
    }

    /// Whether `other` is this version or one of its patches.
    pub fn admits(&self, other: &Self) -> bool {
        self.minor_only() == other.minor_only() && self.patch.is_none_or(|patch| other.patch == Some(patch))
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let mut parts = text.split('.').map(|part| {
            if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse::<u16>().ok() } else { None }
        });
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(major)), Some(Some(minor)), None, None) => Ok(Self { major, minor, patch: None }),
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => {
                Ok(Self { major, minor, patch: Some(patch) })
            }
            _ => Err(NotAVersion(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Version {
    type Error = NotAVersion;

    fn try_from(text: String) -> Result<Self, NotAVersion> {
        text.parse()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}
