//! `.dockerignore`, by Docker's documented rules.
//!
//! A pattern matches a path or any directory above it; the last pattern that matches decides; `!` takes a path back in.
//! `*` and `?` stop at a slash, `**` does not. gitignore's rules are others.

use std::path::Path;

use regex::Regex;

use super::ContextError;

/// The patterns of one ignore file.
#[derive(Debug, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    text: String,
    regex: Regex,
    takes_back: bool,
}

impl Ignore {
    /// Reads the ignore file at `path`; one that is not there ignores nothing.
    ///
    /// # Errors
    /// A file that cannot be read, or a pattern that means nothing.
    pub fn read(path: &Path) -> Result<Self, ContextError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ContextError::Read { path: path.to_owned(), source }),
        }
    }

    fn parse(text: &str, file: &Path) -> Result<Self, ContextError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut patterns = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let line = line.trim();
            let (takes_back, pattern) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            let pattern = cleaned(pattern);
            if pattern.is_empty() {
                continue;
            }
            let regex =
                translated(&pattern).and_then(|regex| Regex::new(&regex).map_err(|error| error.to_string()));
            let regex = regex.map_err(|reason| ContextError::Pattern {
                file: file.to_owned(),
                line: number + 1,
                pattern: pattern.clone(),
                reason,
            })?;
            patterns.push(Pattern { text: pattern, regex, takes_back });
        }
        Ok(Self { patterns })
    }

    /// Whether the file or directory at `path`, relative and with `/` between its parts, stays out.
    pub fn excludes(&self, path: &str) -> bool {
        let mut excluded = false;
        for pattern in &self.patterns {
            if pattern.takes_back == excluded && pattern.matches(path) {
                excluded = !pattern.takes_back;
            }
        }
        excluded
    }

    /// Whether something below the excluded directory at `path` may be taken back in.
    pub fn takes_back_below(&self, path: &str) -> bool {
        let directory = format!("{path}/");
        self.patterns.iter().filter(|pattern| pattern.takes_back).any(|pattern| {
            let plain = pattern.text.split(['*', '?', '[', '\\']).next().unwrap_or_default();
            plain.starts_with(&directory)
                || (plain.len() < pattern.text.len() && directory.starts_with(plain))
        })
    }
}

impl Pattern {
    fn matches(&self, path: &str) -> bool {
        let above = path.match_indices('/').map(|(end, _)| &path[..end]);
        self.regex.is_match(path) || above.into_iter().any(|parent| self.regex.is_match(parent))
    }
}

/// The pattern without `.`, `..`, doubled, leading and trailing slashes. One that leads out of the project keeps its
/// `..`, and so matches nothing in it.
fn cleaned(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if !pattern.starts_with('/') && parts.last().is_none_or(|last| *last == "..") => {
                parts.push(part);
            }
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The pattern as a regular expression.
fn translated(pattern: &str) -> Result<String, String> {
    // Docker takes what follows `**` for an ending where there is nothing else to find out.
    if let Some(ending) = pattern.strip_prefix("**")
        && !ending.is_empty()
        && !ending.starts_with('/')
        && !ending.contains(['*', '?', '[', '\\'])
    {
        return Ok(format!("^.*{}$", regex::escape(ending)));
    }
    let mut regex = String::from("^");
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '*' if rest.peek() == Some(&'*') => {
                rest.next();
                // `**/` stands for any number of directories, none included.
                if rest.peek() == Some(&'/') {
                    rest.next();
                }
                regex.push_str(if rest.peek().is_none() { ".*" } else { "(.*/)?" });
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '[' => class(&mut rest, &mut regex)?,
            '\\' => match rest.next() {
                Some(literal) => regex.push_str(&regex::escape(&literal.to_string())),
                None => return Err("it ends with a backslash".to_owned()),
            },
            literal => regex.push_str(&regex::escape(&literal.to_string())),
        }
    }
    regex.push('$');
    Ok(regex)
}

/// A class, `[a-z]` or `[^a-z]`, after its opening bracket.
fn class(rest: &mut impl Iterator<Item = char>, regex: &mut String) -> Result<(), String> {
    regex.push('[');
    let mut first = true;
    while let Some(character) = rest.next() {
        match character {
            ']' if !first => {
                regex.push(']');
                return Ok(());
            }
            '^' if first => {
                regex.push('^');
                continue;
            }
            '-' => regex.push('-'),
            '\\' => match rest.next() {
                Some(literal) => regex.push_str(&regex::escape(&literal.to_string())),
                None => break,
            },
            literal => regex.push_str(&regex::escape(&literal.to_string())),
        }
        first = false;
    }
    Err("its bracket is not closed".to_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    fn excluded(text: &str, path: &str) -> bool {
        Ignore::parse(text, Path::new(".dockerignore")).unwrap().excludes(path)
    }

    #[test]
    fn only_what_may_hold_something_taken_back_is_looked_into() {
        let taken_back = |text: &str, path: &str| {
            Ignore::parse(text, Path::new(".dockerignore")).unwrap().takes_back_below(path)
        };
        for (text, path, expected) in [
            ("*\n!src\n!data/labels.txt", "data", true),
            ("*\n!src\n!data/labels.txt", "pgdata", false),
            ("*\n!src\n!data/labels.txt", "data/raw", false),
            ("*\n!data/*/labels.txt", "data/raw", true),
            ("*\n!data/r*.txt", "data/raw", true),
            ("*\n!data/r*.txt", "date", false),
            ("*\n!**/labels.txt", "anything", true),
            ("*", "data", false),
        ] {
            assert_eq!(taken_back(text, path), expected, "{text:?} and {path}");
        }
    }

    #[test]
    fn patterns_match_as_docker_documents() {
        for (pattern, path, expected) in [
            ("*/temp*", "somedir/temporary.txt", true),
            ("*/temp*", "somedir/temp", true),
            ("*/temp*", "temp", false),
            ("*/*/temp*", "somedir/subdir/temporary.txt", true),
            ("*/*/temp*", "somedir/temp", false),
            ("temp?", "tempa", true),
            ("temp?", "temp", false),
            ("temp?", "temp/", false),
            ("**/*.go", "a/b/c.go", true),
            ("**/*.go", "c.go", true),
            ("*.go", "a/c.go", false),
            ("**", "a/b/c", true),
            ("**.pem", "keys/a.pem", true),
            ("**_secret.json", "my_secret.json", true),
            ("**.pem", "a.pem.txt", false),
            ("**b*", "a/ab", false),
            ("a/**", "a/b/c", true),
            ("a/**", "b", false),
            ("a/**/c", "a/c", true),
            ("a/**/c", "a/b/b/c", true),
            ("/foo/bar", "foo/bar", true),
            ("foo/bar", "foo/bar/baz", true),
            ("foo/", "foo/bar", true),
            ("foo", "a/foo", false),
            ("./foo", "foo", true),
            ("foo/../bar", "bar", true),
            ("/../bar", "bar", true),
            ("../bar", "bar", false),
            ("foo/../../bar", "bar", false),
            ("[a-c].txt", "b.txt", true),
            ("[a-c].txt", "d.txt", false),
            ("[^a-c].txt", "d.txt", true),
            ("\\*.txt", "*.txt", true),
            ("\\*.txt", "a.txt", false),
            ("a+b(c).txt", "a+b(c).txt", true),
            ("a.c", "abc", false),
            ("  spaced  ", "spaced", true),
            ("# comment", "# comment", false),
            (".", "anything", false),
        ] {
            assert_eq!(excluded(pattern, path), expected, "`{pattern}` and `{path}`");
        }
    }

    #[test]
    fn the_last_pattern_that_matches_decides() {
        assert!(!excluded("*.md\n!README.md", "README.md"));
        assert!(excluded("*.md\n!README.md", "other.md"));
        assert!(excluded("*.md\n!README*.md\nREADME-secret.md", "README-secret.md"));
        assert!(!excluded("*.md\nREADME-secret.md\n!README*.md", "README-secret.md"));
        assert!(!excluded("data\n!data/kept", "data/kept/file"));
    }

    #[test]
    fn a_pattern_that_means_nothing_is_told_with_its_line() {
        let fault = Ignore::parse("a\n[b", Path::new(".dockerignore")).unwrap_err().to_string();
        assert_eq!(fault, "`.dockerignore` line 2: `[b` is not a pattern: its bracket is not closed");
    }
}
