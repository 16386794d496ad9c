//! Regular expressions that a text must match, compiled once.

use std::fmt;
use std::sync::OnceLock;

use regex::Regex;

/// A regular expression; it matches where it matches somewhere in the text.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Result<Regex, String>>,
}

impl Pattern {
    /// A pattern from its text, which is compiled on first use.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), compiled: OnceLock::new() }
    }

    /// The expression's text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Why the expression does not compile, if it does not.
    pub fn fault(&self) -> Option<&str> {
        self.compile().as_ref().err().map(String::as_str)
    }

    /// Whether the pattern is found in the text. One that does not compile here (another language's dialect)
    /// is held to match: who wrote it judges it.
    pub fn matches(&self, text: &str) -> bool {
        self.compile().as_ref().map_or(true, |regex| regex.is_match(text))
    }

    fn compile(&self) -> &Result<Regex, String> {
        self.compiled.get_or_init(|| Regex::new(&self.text).map_err(|error| reason(&error)))
    }
}

/// The last line of the library's report says what is wrong; the lines above it draw it.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, out)
    }
}

impl<T: Into<String>> From<T> for Pattern {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}
