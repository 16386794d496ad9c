//! The body that says what is wrong with a request.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Violation;

/// The body of a refused input: everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidationBody {
    /// One entry per fault.
    pub detail: Vec<Detail>,
}

/// One fault of a request. `Display` is for people: ``input `count`: …``.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Where: `body`, `input` and the input's name (a slash path inside lists).
    pub loc: Vec<String>,
    /// What is wrong.
    pub msg: String,
    /// `value_error`, or `value_error.missing`.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Detail {
    /// The body's `id` is not that of the URL. `kind` is what it names: `prediction` or `training`.
    pub fn mismatched_id(kind: &str) -> Self {
        Self {
            loc: vec!["body".to_owned(), "id".to_owned()],
            msg: format!("{kind} ID must match the ID supplied in the URL"),
            kind: "value_error".to_owned(),
        }
    }

    /// The `id` has more bytes than the server takes.
    pub fn long_id(most: usize) -> Self {
        Self {
            loc: vec!["body".to_owned(), "id".to_owned()],
            msg: format!("prediction ID must have at most {most} bytes"),
            kind: "value_error".to_owned(),
        }
    }

    /// What else is wrong with the input of that name.
    pub fn of_input(name: &str, msg: &str) -> Self {
        Self {
            loc: vec!["body".to_owned(), "input".to_owned(), name.to_owned()],
            msg: msg.to_owned(),
            kind: "value_error".to_owned(),
        }
    }

    /// The input that it is about (or, where it is about none, the last of its location).
    pub fn field(&self) -> &str {
        self.loc.last().map_or("", String::as_str)
    }
}

impl From<Violation> for Detail {
    fn from(violation: Violation) -> Self {
        Self {
            msg: violation.breach.msg(),
            kind: violation.breach.kind().to_owned(),
            loc: vec!["body".to_owned(), "input".to_owned(), violation.field],
        }
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = if self.loc.iter().any(|part| part == "input") { "input " } else { "" };
        write!(out, "{part}`{}`: {}", self.field(), self.msg)
    }
}

impl std::error::Error for Detail {}
