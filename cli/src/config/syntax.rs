//! What is wrong with a text that is no YAML, in words for its author.

use super::Fault;
use super::yaml::Lines;

/// What the parser says, what we say, and what to do about it.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "budget breached",
        "the file has more values than any `cog.yaml`",
        "write values out where aliases repeat aliases",
    ),
    (
        "multiple YAML documents",
        "the file has more than one document",
        "take the line `---` out, and keep one mapping",
    ),
    (
        "unknown anchor",
        "the alias stands for nothing",
        "name the value before with `&` and the same word, or write it out here",
    ),
    ("unexpected character", "the line has a character that no YAML has", "take the character out"),
    (
        "trailing content after",
        "there is text after the quoted value",
        "put the whole value between the quotes",
    ),
    ("unclosed quote", "the quote is not closed", "close it on the same line"),
];

/// The fault that the parser's error is.
pub(super) fn fault(text: &str, error: &serde_saphyr::Error) -> Fault {
    let location = error.location().unwrap_or(serde_saphyr::Location::UNKNOWN);
    let lines = Lines::new(text);
    let mut at = lines.offset(location.line().max(1), location.column().max(1));
    let words = error.without_snippet().to_string();
    let known = KNOWN.iter().find(|(parser, ..)| words.contains(parser));
    if words.contains("multiple YAML documents") {
        let marks = text.lines().zip(1_u64..).filter(|(line, number)| *number > 1 && line.starts_with("---"));
        at = marks.last().map_or(at, |(_, number)| lines.offset(number, 1));
    }
    Fault {
        line: at.0,
        column: at.1,
        span: at.2..text[at.2..].chars().next().map_or(at.2, |c| at.2 + c.len_utf8()),
        message: format!("not valid YAML: {}", known.map_or_else(|| cause(&words), |(_, ours, _)| ours)),
        hint: known.map_or_else(|| hint(text, at.0), |(.., hint)| (*hint).to_owned()),
    }
}

/// The library's words without its own copy of the position.
fn cause(words: &str) -> &str {
    let first = words.lines().next().unwrap_or(words);
    let first = first.strip_prefix("error: ").unwrap_or(first);
    first.split(" at line ").next().unwrap_or(first).trim()
}

/// What is likely to be wrong with the line that the parser stumbled over.
fn hint(text: &str, number: usize) -> String {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().take(number).collect::<Vec<_>>();
    let line = lines.pop().unwrap_or_default();
    let spaces = indentation(line);
    if line[..spaces].contains('\t') {
        return "YAML is indented with spaces; replace the tab".into();
    }
    for (open, close) in [('[', ']'), ('{', '}')] {
        let unclosed = |line: &&str| line.matches(open).count() > line.matches(close).count();
        if let Some(above) = lines.iter().rposition(|line| !line.trim().is_empty())
            && unclosed(&lines[above])
        {
            return format!("close the `{open}` of line {} with `{close}`", above + 1);
        }
    }
    let written = lines.into_iter().filter(|line| !line.trim().is_empty());
    let mut levels: Vec<usize> = written.map(indentation).collect();
    levels.sort_unstable();
    levels.dedup();
    // Of two that are as near, the deeper one: a line slips out of its block more often than into one.
    let nearest = levels.iter().rev().min_by_key(|level| level.abs_diff(spaces));
    match nearest {
        Some(level) if !levels.contains(&spaces) && levels.iter().any(|level| *level > spaces) => {
            format!("the line is indented by {spaces}, which fits no line above: indent it by {level}")
        }
        _ => "check the indentation, the colons and the quotes of this line and the one above".into(),
    }
}
