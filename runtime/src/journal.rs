//! The server's own log, on standard error: JSON lines, or text where `LOG_FORMAT=console`.
//!
//! Model output is repeated here line by line, so that an operator sees one log.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::OnceLock;

use serde::Serialize;

use crate::model::LogSource;

/// How much an entry matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

struct Form {
    least: Level,
    console: bool,
}

pub(crate) fn debug(message: &str) {
    write(Level::Debug, "cog", message, None);
}

pub(crate) fn info(message: &str) {
    write(Level::Info, "cog", message, None);
}

pub(crate) fn warn(message: &str) {
    write(Level::Warn, "cog", message, None);
}

pub(crate) fn error(message: &str) {
    write(Level::Error, "cog", message, None);
}

/// The prediction that an entry is about.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) prediction: &'a str,
    /// The trace it belongs to, as W3C Trace Context writes its id.
    pub(crate) trace: Option<&'a str>,
}

impl About<'_> {
    pub(crate) fn warn(self, message: &str) {
        write(Level::Warn, "cog", message, Some(self));
    }

    pub(crate) fn error(self, message: &str) {
        write(Level::Error, "cog", message, Some(self));
    }
}

/// Model output on its way into the log: whole lines, per prediction and source.
#[derive(Default)]
pub(crate) struct Echo {
    unfinished: HashMap<(Option<u64>, bool), String>,
}

impl Echo {
    /// Writes the lines that `text` completes.
    pub(crate) fn text(&mut self, run: Option<u64>, about: Option<About<'_>>, source: LogSource, text: &str) {
        let key = (run, source == LogSource::Stderr);
        let mut lines = match self.unfinished.remove(&key) {
            Some(mut held) => {
                held.push_str(text);
                held
            }
            None => text.to_owned(),
        };
        let rest = lines.split_off(lines.rfind('\n').map_or(0, |end| end + 1));
        for line in lines.lines() {
            write(Level::Info, "model", line, about);
        }
        // A line without an end (a progress bar) is not collected for ever.
        if rest.len() > 16 << 10 {
            write(Level::Info, "model", &rest, about);
        } else if !rest.is_empty() {
            self.unfinished.insert(key, rest);
        }
    }

    /// Writes what was left unfinished.
    pub(crate) fn end(&mut self, run: Option<u64>, about: Option<About<'_>>) {
        for stderr in [false, true] {
            if let Some(rest) = self.unfinished.remove(&(run, stderr)) {
                write(Level::Info, "model", &rest, about);
            }
        }
    }
}

fn write(level: Level, target: &str, message: &str, about: Option<About<'_>>) {
    static FORM: OnceLock<Form> = OnceLock::new();
    let form = FORM.get_or_init(Form::from_env);
    // What the model prints is never filtered: it is the author's log, not the server's.
    if level < form.least && target == "cog" {
        return;
    }
    let now = jiff::Timestamp::now();
    let name = match level {
        Level::Debug => "DEBUG",
        Level::Info => "INFO",
        Level::Warn => "WARN",
        Level::Error => "ERROR",
    };
    let line = if form.console {
        let about = about.map(|about| format!(" [{}]", on_one_line(about.prediction))).unwrap_or_default();
        // What the model prints comes line by line, and may be coloured.
        let message = if target == "cog" { on_one_line(message) } else { Cow::Borrowed(message) };
        format!("{now:.6} {name:>5} {target}{about}: {message}\n")
    } else {
        let fields = Fields {
            message,
            prediction_id: about.map(|about| about.prediction),
            trace_id: about.and_then(|about| about.trace),
        };
        let entry = Entry { fields, level: name, target, timestamp: format_args!("{now:.6}") };
        // Text and numbers are always JSON.
        serde_json::to_string(&entry).unwrap_or_default() + "\n"
    };
    // A log nobody can read is no reason to stop serving.
    let _nobody_reads = std::io::stderr().lock().write_all(line.as_bytes());
}

/// The text with its control characters spelled out: what a client sends must not look like another entry.
fn on_one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let spelled = text.chars().map(|character| match character {
        control if control.is_control() => control.escape_default().to_string(),
        other => other.to_string(),
    });
    Cow::Owned(spelled.collect())
}

#[derive(Serialize)]
struct Entry<'a> {
    fields: Fields<'a>,
    level: &'a str,
    target: &'a str,
    timestamp: std::fmt::Arguments<'a>,
}

#[derive(Serialize)]
struct Fields<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    prediction_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
}

impl Form {
    fn from_env() -> Self {
        let least = match std::env::var("COG_LOG_LEVEL").unwrap_or_default().to_lowercase().as_str() {
            "debug" | "trace" => Level::Debug,
            "warn" | "warning" => Level::Warn,
            "error" => Level::Error,
            _ => Level::Info,
        };
        Self { least, console: std::env::var_os("LOG_FORMAT").is_some_and(|form| form == "console") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sends_makes_no_entry_of_its_own() {
        assert_eq!(on_one_line("a\n1970 ERROR cog: \u{1b}[31mé"), "a\\n1970 ERROR cog: \\u{1b}[31mé");
        assert_eq!(on_one_line("plain é"), "plain é");
    }
}
