//! The architecture of a GPU, by its compute capability, and which versions of CUDA compile for it.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::Version;

/// A compute capability, `8.6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Architecture {
    /// Its generation: code for one is none for another.
    pub major: u16,
    /// What was added within the generation.
    pub minor: u16,
}

/// The text is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the architecture of a GPU")]
pub struct NotAnArchitecture(String);

/// A CUDA that does not compile for an architecture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// It is older than the architecture.
    #[error("CUDA {cuda} does not know architecture {architecture} yet")]
    TooNew {
        /// The CUDA.
        cuda: Version,
        /// The architecture.
        architecture: Architecture,
        /// The first CUDA that does.
        first: Version,
    },
    /// It has given the architecture up.
    #[error("CUDA {cuda} no longer compiles for architecture {architecture}")]
    TooOld {
        /// The CUDA.
        cuda: Version,
        /// The architecture.
        architecture: Architecture,
        /// The oldest architecture it compiles for.
        oldest: Architecture,
    },
}

impl Mismatch {
    /// What to write instead.
    pub fn hint(&self) -> String {
        match self {
            Self::TooNew { first, .. } => format!("CUDA {first} is the first that does; set `build.cuda`"),
            Self::TooOld { oldest, .. } => {
                format!(
                    "{oldest} is the oldest it compiles for; take an older `build.cuda`, or a newer architecture"
                )
            }
        }
    }
}

/// Major and minor.
type Numbers = (u16, u16);

/// The first CUDA that compiles for an architecture and those after it.
const SINCE: &[(Numbers, Numbers)] = &[
    ((12, 1), (12, 9)),
    ((12, 0), (12, 8)),
    ((11, 0), (13, 0)),
    ((10, 3), (12, 9)),
    ((10, 0), (12, 8)),
    ((8, 9), (11, 8)),
    ((8, 6), (11, 1)),
];

impl Architecture {
    /// Whether `cuda` compiles for it.
    ///
    /// # Errors
    /// It does not, yet or any more.
    pub fn known_to(self, cuda: Version) -> Result<(), Mismatch> {
        let since = SINCE.iter().find(|((major, minor), _)| self >= Self { major: *major, minor: *minor });
        if let Some((_, (major, minor))) = since {
            let first = Version { major: *major, minor: *minor, patch: None };
            if cuda.minor_only() < first {
                return Err(Mismatch::TooNew { cuda, architecture: self, first });
            }
        }
        let (major, minor) = match cuda.major {
            ..=11 => (3, 5),
            12 => (5, 0),
            _ => (7, 5),
        };
        let oldest = Self { major, minor };
        if self < oldest {
            return Err(Mismatch::TooOld { cuda, architecture: self, oldest });
        }
        Ok(())
    }

    /// As compilers write it: `86`.
    pub fn digits(self) -> String {
        format!("{}{}", self.major, self.minor)
    }
}

impl FromStr for Architecture {
    type Err = NotAnArchitecture;

    fn from_str(text: &str) -> Result<Self, NotAnArchitecture> {
        let number = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|_| digits)
        };
        let parts = text.split_once('.').and_then(|(major, minor)| Some((number(major)?, number(minor)?)));
        match parts {
            Some((major @ 1..=99, minor @ ..=9)) => Ok(Self { major, minor }),
            _ => Err(NotAnArchitecture(text.to_owned())),
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Serialize for Architecture {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cuda_compiles_for_what_was_there_and_is_not_given_up() -> Result<(), Box<dyn std::error::Error>> {
        for (cuda, architecture, fault) in [
            ("13.0", "8.0", ""),
            ("13.0", "12.0", ""),
            ("12.4", "9.0", ""),
            ("12.8", "12.0", ""),
            ("11.8", "3.5", ""),
            ("12.4", "12.0", "CUDA 12.4 does not know architecture 12.0 yet"),
            ("11.4", "9.0", "CUDA 11.4 does not know architecture 9.0 yet"),
            ("12.8", "12.1", "CUDA 12.8 does not know architecture 12.1 yet"),
            ("13.0.3", "7.0", "CUDA 13.0.3 no longer compiles for architecture 7.0"),
        ] {
            let said = architecture.parse::<Architecture>()?.known_to(cuda.parse()?);
            assert_eq!(said.map_or_else(|fault| fault.to_string(), |()| String::new()), fault);
        }
        Ok(())
    }

    #[test]
    fn an_architecture_is_written_with_its_dot() {
        for text in ["80", "sm_80", "8.", ".0", "8.0a", "8.0.0", "+8.0", "8.10", ""] {
            assert!(text.parse::<Architecture>().is_err(), "{text}");
        }
    }
}
