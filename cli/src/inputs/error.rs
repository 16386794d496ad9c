//! What is wrong with given inputs.

use std::fmt;

/// Everything that is wrong with the given inputs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    faults: Vec<String>,
    hint: Option<String>,
}

impl Error {
    /// One fault.
    pub(super) fn one(fault: impl Into<String>) -> Self {
        Self { faults: vec![fault.into()], hint: None }
    }

    /// Nothing, where there are no faults.
    pub(super) fn all(faults: Vec<String>, hint: Option<String>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self { faults, hint }) }
    }

    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [fault] => f.write_str(fault),
            faults => {
                write!(f, "{} inputs are wrong:", faults.len())?;
                faults.iter().try_for_each(|fault| write!(f, "\n- {fault}"))
            }
        }
    }
}
