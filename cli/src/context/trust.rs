//! Certificates that a network of one's own wants trusted: `COG_CA_CERT`.
//!
//! Only certificates are ever taken from what is named; a private key that happens to lie in the same file stays
//! where it is.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The variable that names them.
const VARIABLE: &str = "COG_CA_CERT";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Certificates in PEM form, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates(String);

/// Why there are no certificates where some were named.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// What is named cannot be read.
    #[error("cannot read `{path}`, named by `COG_CA_CERT`: {source}")]
    Read {
        /// The file or directory.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// What is named holds no certificate.
    #[error("{0} holds no PEM certificate")]
    Empty(String),
    /// The value is nothing of the kind.
    #[error("`COG_CA_CERT` is neither a file, nor a directory, nor a PEM certificate, plain or in base64")]
    Meaningless,
}

impl Certificates {
    /// What `COG_CA_CERT` names: a file, a directory (its `.crt` and `.pem` files), a PEM text, or one in base64.
    ///
    /// # Errors
    /// It is set to something else, or to something without certificates.
    pub fn from_environment() -> Result<Option<Self>, TrustError> {
        match std::env::var(VARIABLE) {
            Ok(value) if !value.trim().is_empty() => Self::read(&value).map(Some),
            _ => Ok(None),
        }
    }

    pub(crate) fn read(value: &str) -> Result<Self, TrustError> {
        if value.contains(BEGIN) {
            return Self::pick(value).ok_or_else(|| TrustError::Empty("`COG_CA_CERT`".to_owned()));
        }
        let path = Path::new(value);
        if path.is_dir() {
            return Self::of_directory(path);
        }
        if path.exists() {
            return Self::of_file(path);
        }
        let packed: String = value.split_whitespace().collect();
        let text = STANDARD.decode(packed).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        text.and_then(|text| Self::pick(&text)).ok_or(TrustError::Meaningless)
    }

    /// Those of a registry, in the directory that Docker keeps for it; none where they cannot be read.
    pub fn of_registry(directory: &Path) -> Option<Self> {
        Self::of_directory(directory).ok()
    }

    fn of_file(path: &Path) -> Result<Self, TrustError> {
        let named = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| TrustError::Read { path: named.clone(), source })?;
        Self::pick(&text).ok_or_else(|| TrustError::Empty(format!("`{named}`, named by `COG_CA_CERT`,")))
    }

    fn of_directory(path: &Path) -> Result<Self, TrustError> {
        let unreadable = |source| TrustError::Read { path: path.display().to_string(), source };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file.extension().is_some_and(|extension| extension == "crt" || extension == "pem") {
                files.push(file);
            }
        }
        files.sort();
        let all = files.iter().map(|file| Self::of_file(file).map(|certificates| certificates.0));
        let text = all.collect::<Result<String, _>>()?;
        Self::pick(&text)
            .ok_or_else(|| TrustError::Empty(format!("`{}`, named by `COG_CA_CERT`,", path.display())))
    }

    /// The certificates among what a PEM text holds.
    pub fn pick(text: &str) -> Option<Self> {
        let mut picked = String::new();
        let mut inside = false;
        for line in text.lines().map(str::trim) {
            inside |= line == BEGIN;
            if inside {
                picked.push_str(line);
                picked.push('\n');
            }
            inside &= line != END;
        }
        (!inside && !picked.is_empty()).then_some(Self(picked))
    }

    /// The certificates as PEM.
    pub fn pem(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    fn certificate(name: &str) -> String {
        format!("{BEGIN}\n{name}\n{END}\n")
    }

    #[test]
    fn a_private_key_in_the_same_text_stays_out() {
        let key = "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n";
        let text = format!("{}{key}some words\n{}", certificate("one"), certificate("two"));
        assert_eq!(Certificates::read(&text).unwrap().pem(), certificate("one") + &certificate("two"));
    }

    #[test]
    fn every_form_is_read() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("b.pem"), certificate("two")).unwrap();
        std::fs::write(directory.path().join("a.crt"), certificate("one")).unwrap();
        std::fs::write(directory.path().join("note.txt"), "nothing").unwrap();
        let read = |value: &str| Certificates::read(value).unwrap().0;
        assert_eq!(read(directory.path().to_str().unwrap()), certificate("one") + &certificate("two"));
        assert_eq!(read(directory.path().join("a.crt").to_str().unwrap()), certificate("one"));
        assert_eq!(read(&STANDARD.encode(certificate("three"))), certificate("three"));
    }

    #[test]
    fn what_is_no_certificate_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ca.crt");
        std::fs::write(&file, "no certificate").unwrap();
        assert!(matches!(Certificates::read("/nonexistent/ca.crt"), Err(TrustError::Meaningless)));
        assert!(matches!(Certificates::read(file.to_str().unwrap()), Err(TrustError::Empty(_))));
        assert!(matches!(Certificates::read(BEGIN), Err(TrustError::Empty(_))));
    }
}
