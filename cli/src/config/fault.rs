//! A fault of `cog.yaml`, and the one way that faults are shown.

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// One thing wrong with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes of the file that are at fault.
    pub span: std::ops::Range<usize>,
    /// What is wrong, with the faulty value in backticks.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

/// Every fault of one file, ordered by position.
#[derive(Debug, Clone)]
pub struct ConfigError {
    file: String,
    text: String,
    faults: Vec<Fault>,
}

impl ConfigError {
    pub(crate) fn new(file: &str, text: &str, mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(|fault| (fault.line, fault.column));
        Self { file: file.to_owned(), text: text.to_owned(), faults }
    }

    /// Name of the file, as messages have it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Each fault, the line of the file that it is in, and how many characters of it are at fault.
    pub fn faults(&self) -> impl Iterator<Item = (&Fault, &str, usize)> {
        self.faults.iter().map(|fault| {
            let line = self.text.lines().nth(fault.line - 1).unwrap_or_default();
            let width = self.text.get(fault.span.clone()).map_or(0, |text| text.chars().count());
            (fault, line, width)
        })
    }

    fn render(&self, fault: &Fault) -> String {
        let path = format!("{}:{}:{}", self.file, fault.line, fault.column);
        let end = fault.span.end.min(self.text.len());
        let start = fault.span.start.min(end);
        // Its own lines, not the whole text: there may be many faults, and each is rendered.
        let first = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let last = self.text[end..].find(['\r', '\n']).map_or(self.text.len(), |newline| end + newline);
        let title = format!("{path}: {}", fault.message);
        let mut report: Group<'_> = Level::ERROR.primary_title(title.as_str()).element(
            Snippet::source(&self.text[first..last])
                .line_start(fault.line)
                .annotation(AnnotationKind::Primary.span(start - first..end - first)),
        );
        if !fault.hint.is_empty() {
            report = report.element(Level::HELP.message(fault.hint.as_str()));
        }
        Renderer::plain().render(&[report])
    }
}

/// Most faults that are shown; a file with more is something else than a `cog.yaml`.
const SHOWN: usize = 100;

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.faults.len();
        let noun = if count == 1 { "fault" } else { "faults" };
        writeln!(f, "`{}` has {count} {noun}", self.file)?;
        for fault in self.faults.iter().take(SHOWN) {
            write!(f, "\n{}\n", self.render(fault))?;
        }
        match count.saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for ConfigError {}
