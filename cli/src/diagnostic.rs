//! A failure for programs: one JSON object on one line of the standard error stream.
//!
//! Owns the shape, which `docs/cli.md` documents; knows nothing of what fails.

use std::ffi::OsStr;
use std::io::Write;
use std::str::FromStr;
use std::sync::OnceLock;

use serde::Serialize;

use crate::config::ConfigError;
use crate::exit::Exit;

/// `--error-format`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

static FORMAT: OnceLock<Format> = OnceLock::new();

impl Format {
    /// Makes it the one that all failures of this process are told in; the first call decides.
    pub fn choose(self) {
        let _chosen_before = FORMAT.set(self);
    }

    /// The one in use.
    pub fn chosen() -> Self {
        FORMAT.get().copied().unwrap_or_default()
    }

    /// What a command line asks for that could not be read as a whole.
    pub fn of_arguments<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let mut named = false;
        for argument in arguments {
            let argument = argument.as_ref().to_string_lossy();
            let value = argument.strip_prefix("--error-format=").or(named.then_some(&*argument));
            if let Some(format) = value.and_then(|value| value.parse().ok()) {
                return format;
            }
            if argument == "--" {
                break;
            }
            named = argument == "--error-format";
        }
        Self::default()
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("choose text or json".to_owned()),
        }
    }
}

/// One object.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// `usage`, `config`, `interrupted` or `panic`; else the part of the program that failed.
    pub kind: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
    /// What caused it, outermost first.
    pub causes: Vec<String>,
    /// The code that the program ends with; none where it goes on, as `--watch` does.
    pub exit_code: Option<u8>,
    /// Where in a file it is.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// Everything that is known, with `--debug`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debug: Option<String>,
}

/// A place in a file.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// The first character at fault, from 1.
    pub column: usize,
    /// The character after the last one at fault.
    pub end_column: usize,
    /// The line as it is written.
    pub snippet: String,
}

impl Diagnostic {
    /// Each fault of a `cog.yaml`.
    pub fn of_config(error: &ConfigError) -> Vec<Self> {
        let diagnostics = error.faults().map(|(fault, line, width)| Self {
            kind: "config".to_owned(),
            message: fault.message.clone(),
            hint: Some(fault.hint.clone()).filter(|hint| !hint.is_empty()),
            place: Some(Place {
                file: error.file().to_owned(),
                line: fault.line,
                column: fault.column,
                end_column: fault.column + width,
                snippet: line.to_owned(),
            }),
            ..Self::default()
        });
        diagnostics.collect()
    }

    /// A command line that makes no sense, of which clap says so.
    pub fn of_usage(error: &clap::Error) -> Self {
        use clap::error::ErrorKind;

        let (message, hint) = match error.kind() {
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                ("no command is given".to_owned(), "`cog --help` lists them".to_owned())
            }
            _ => {
                let text = error.to_string();
                let mut parts = text.trim().split("\n\n").map(str::trim);
                let message = parts.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
                let hints: Vec<&str> =
                    parts.filter(|part| !part.starts_with("For more information")).collect();
                (message, hints.join("\n").replace("tip: ", ""))
            }
        };
        Self {
            kind: "usage".to_owned(),
            message,
            hint: Some(hint).filter(|hint| !hint.is_empty()),
            exit_code: Some(Exit::Usage.code()),
            ..Self::default()
        }
    }

    /// Writes it.
    pub fn write(&self) {
        let line = serde_json::to_string(self).unwrap_or_default();
        // Nobody is left to be told that telling failed.
        let _unheard = writeln!(std::io::stderr(), "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_known_even_of_a_command_line_that_is_not() {
        for (arguments, format) in [
            (&["cog", "biuld", "--error-format=json"][..], Format::Json),
            (&["cog", "--error-format", "json", "biuld"], Format::Json),
            (&["cog", "biuld", "--error-format", "yaml"], Format::Text),
            (&["cog", "biuld", "json"], Format::Text),
            (&["cog", "exec", "--", "--error-format=json"], Format::Text),
        ] {
            assert_eq!(Format::of_arguments(arguments), format, "{arguments:?}");
        }
    }

    #[test]
    fn a_failure_without_a_place_has_no_keys_for_one() {
        let diagnostic = Diagnostic { kind: "engine".into(), message: "no".into(), ..Diagnostic::default() };
        let json = serde_json::to_string(&diagnostic).unwrap_or_default();
        assert_eq!(json, r#"{"kind":"engine","message":"no","hint":null,"causes":[],"exit_code":null}"#);
    }
}
