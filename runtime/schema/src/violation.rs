//! What is wrong with a value, and the two ways of saying so: to a client on the wire, and to a person.

use std::fmt::{self, Write};

use serde_json::{Number, Value};

use crate::types::json_type_of;

/// One reason for which a value is not allowed.
///
/// `Display` is for people; [`Breach::msg`] is the wire's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The input's name; inside a list or map followed by a slash path (`tags/1`).
    pub field: String,
    /// Which rule was broken.
    pub breach: Breach,
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Breach {
    /// A required input is not there.
    Missing,
    /// The value is of another type.
    Type {
        /// The offending value.
        value: Shown,
        /// JSON Schema's word for the type.
        expected: &'static str,
    },
    /// The number is too small.
    BelowMinimum {
        /// The offending value.
        value: Shown,
        /// The smallest allowed.
        minimum: Number,
    },
    /// The number is too large.
    AboveMaximum {
        /// The offending value.
        value: Shown,
        /// The largest allowed.
        maximum: Number,
    },
    /// The text has too few characters.
    TooShort {
        /// The offending value.
        value: Shown,
        /// The fewest allowed.
        min_length: u64,
    },
    /// The text has too many characters.
    TooLong {
        /// The offending value.
        value: Shown,
        /// The most allowed.
        max_length: u64,
    },
    /// The text does not match the regular expression.
    NoMatch {
        /// The offending value.
        value: Shown,
        /// The expression.
        regex: String,
    },
    /// The value is none of the choices.
    NotAChoice {
        /// The offending value.
        value: Shown,
        /// The choices.
        choices: Vec<Value>,
    },
    /// The value fits none of a union's types.
    NoVariant {
        /// The offending value.
        value: Shown,
        /// JSON Schema's words for the types.
        expected: Vec<&'static str>,
    },
}

/// An offending value, fit to be shown: a secret is not.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// The value itself.
    Plain(Value),
    /// The beginning of a value whose JSON is long, and what kind of JSON it was.
    Cut(String, &'static str),
    /// A secret, or a value that may hold one; only what kind of JSON it was is kept.
    Masked(&'static str),
}

/// What is shown in place of a secret.
pub const MASK: &str = "**********";

/// Most characters of an offending value that a person is shown.
const EXCERPT: usize = 80;
/// Most bytes of an offending value that are kept at all.
const LONGEST: usize = 64 << 10;

impl Shown {
    pub(crate) fn new(value: &Value, secret: bool) -> Self {
        // Null and the absence of a secret give nothing away.
        if secret && !value.is_null() {
            return Shown::Masked(json_type_of(value));
        }
        let mut beginning = Beginning(String::new());
        match write!(beginning, "{value}") {
            Ok(()) => Shown::Plain(value.clone()),
            Err(fmt::Error) => Shown::Cut(beginning.0 + "…", json_type_of(value)),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Shown::Plain(value) => json_type_of(value),
            Shown::Cut(_, kind) | Shown::Masked(kind) => kind,
        }
    }

    /// The value for a person: cut where it is long.
    fn excerpt(&self) -> String {
        let text = self.to_string();
        match text.char_indices().nth(EXCERPT) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}

/// Takes text until there is enough of it.
struct Beginning(String);

impl fmt::Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = LONGEST.saturating_sub(self.0.len());
        if text.len() <= room {
            self.0.push_str(text);
            return Ok(());
        }
        self.0.push_str(&text[..text.floor_char_boundary(room)]);
        Err(fmt::Error)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shown::Plain(value) => write!(out, "{value}"),
            Shown::Cut(beginning, _) => out.write_str(beginning),
            Shown::Masked(_) => out.write_str(MASK),
        }
    }
}

impl Breach {
    /// The wire's text, the same to the letter as existing clients know it.
    pub fn msg(&self) -> String {
        match self {
            Breach::Missing => "Field required".to_owned(),
            Breach::Type { value, expected } => format!("{value} is not of type \"{expected}\""),
            Breach::BelowMinimum { value, minimum } => {
                format!("{value} is less than the minimum of {minimum}")
            }
            Breach::AboveMaximum { value, maximum } => {
                format!("{value} is greater than the maximum of {maximum}")
            }
            Breach::TooShort { value, min_length } => {
                format!("{value} is shorter than {min_length} {}", characters(*min_length))
            }
            Breach::TooLong { value, max_length } => {
                format!("{value} is longer than {max_length} {}", characters(*max_length))
            }
            Breach::NoMatch { value, regex } => format!("{value} does not match \"{regex}\""),
            Breach::NotAChoice { value, choices } => {
                format!("{value} is not one of {}", Value::Array(choices.clone()))
            }
            Breach::NoVariant { value, .. } => {
                format!("{value} is not valid under any of the schemas listed in the 'anyOf' keyword")
            }
        }
    }

    /// The wire's error type.
    pub fn kind(&self) -> &'static str {
        match self {
            Breach::Missing => "value_error.missing",
            _ => "value_error",
        }
    }
}

/// For a person, without the input's name: `must be at least 1, got 0`.
impl fmt::Display for Breach {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Breach::Missing => out.write_str("required, but not given"),
            Breach::Type { value, expected } => write!(out, "expected {expected}, got {}", got(value)),
            Breach::BelowMinimum { value, minimum } => {
                write!(out, "must be at least {minimum}, got {}", value.excerpt())
            }
            Breach::AboveMaximum { value, maximum } => {
                write!(out, "must be at most {maximum}, got {}", value.excerpt())
            }
            Breach::TooShort { value, min_length } => write!(
                out,
                "must have at least {min_length} {}, got {}",
                characters(*min_length),
                value.excerpt()
            ),
            Breach::TooLong { value, max_length } => {
                write!(
                    out,
                    "must have at most {max_length} {}, got {}",
                    characters(*max_length),
                    value.excerpt()
                )
            }
            Breach::NoMatch { value, regex } => write!(out, "must match `{regex}`, got {}", value.excerpt()),
            Breach::NotAChoice { value, choices } => {
                write!(out, "must be one of {}, got {}", listed(choices), value.excerpt())
            }
            Breach::NoVariant { value, expected } => match expected.split_last() {
                Some((last, [])) => write!(out, "expected {last}, got {}", got(value)),
                Some((last, rest)) => {
                    write!(out, "expected {} or {last}, got {}", rest.join(", "), got(value))
                }
                None => write!(out, "no value is allowed, got {}", got(value)),
            },
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.breach {
            Breach::Missing => write!(out, "missing required input `{}`", self.field),
            breach => write!(out, "invalid input `{}`: {breach}", self.field),
        }
    }
}

impl std::error::Error for Violation {}

fn characters(count: u64) -> &'static str {
    if count == 1 { "character" } else { "characters" }
}

/// The kind of a value and the value: `string "3"`; `null` names itself.
fn got(value: &Shown) -> String {
    match value.kind() {
        "null" => "null".to_owned(),
        kind => format!("{kind} {}", value.excerpt()),
    }
}

fn listed(choices: &[Value]) -> String {
    let texts: Vec<String> = choices
        .iter()
        .map(|choice| match choice {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect();
    texts.join(", ")
}
