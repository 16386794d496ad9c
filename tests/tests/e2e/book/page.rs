//! A page, taken apart into what it tells to do.

use std::fs;

use cog_tests::repository;

/// A page of `docs/`.
#[derive(Debug)]
pub(super) struct Page {
    /// Its file's name.
    pub(super) name: String,
    pub(super) blocks: Vec<Block>,
}

/// A fenced block.
#[derive(Debug)]
pub(super) struct Block {
    /// The line of its text's beginning, from 1.
    pub(super) line: usize,
    pub(super) language: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
}

/// A command, and what is shown of its output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) line: String,
    pub(super) shown: String,
}

impl Page {
    /// The page of this name.
    pub(super) fn read(name: &str) -> Self {
        let path = repository().join("docs").join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self::of(name, &text)
    }

    /// A page with this text.
    pub(super) fn of(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), blocks: blocks(text) }
    }

    /// All pages, in the order of their names; the table of contents is none.
    pub(super) fn all() -> Vec<Self> {
        let files = fs::read_dir(repository().join("docs")).expect("there are pages");
        let mut names: Vec<String> = files
            .map(|file| file.expect("it can be listed").file_name().to_string_lossy().into_owned())
            .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
            .collect();
        names.sort_unstable();
        names.iter().map(|name| Self::read(name)).collect()
    }
}

impl Block {
    /// What the block says about `name`.
    pub(super) fn says(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether its commands are to be run.
    pub(super) fn runs(&self) -> bool {
        self.says("no-run").is_none()
    }

    /// Its commands.
    pub(super) fn commands(&self) -> Vec<Command> {
        let mut commands: Vec<Command> = Vec::new();
        let mut goes_on = false;
        for line in self.text.lines() {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (None, Some(command)) if goes_on => {
                    command.line.push('\n');
                    command.line.push_str(line);
                }
                (Some(line), _) => {
                    commands.push(Command { line: line.to_owned(), shown: String::new() });
                }
                (None, Some(command)) => {
                    command.shown.push_str(line);
                    command.shown.push('\n');
                    continue;
                }
                (None, None) => panic!("line {}: a block begins with a command: {line}", self.line),
            }
            goes_on = line.ends_with('\\');
        }
        commands
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(info) => {
                inside = true;
                let mut words = info.split(',').map(str::to_owned);
                let language = words.next().unwrap_or_default();
                let attributes = words.map(|word| {
                    let (name, value) = word.split_once('=').unwrap_or((&word, ""));
                    (name.to_owned(), value.to_owned())
                });
                let attributes = attributes.collect();
                blocks.push(Block { line: number + 2, language, attributes, text: String::new() });
            }
            None if inside => {
                let block = blocks.last_mut().expect("it has begun");
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {}
        }
    }
    assert!(!inside, "a block does not end");
    blocks
}

/// Whether the text is as shown, where `…` stands for anything.
pub(super) fn is_as_shown(text: &str, shown: &str) -> bool {
    let mut parts = shown.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    for (number, part) in parts.iter().enumerate() {
        if number + 1 == parts.len() {
            return rest.ends_with(part);
        }
        let Some(found) = rest.find(part) else { return false };
        rest = &rest[found + part.len()..];
    }
    rest.is_empty()
}

#[test]
fn a_block_is_taken_apart() {
    let text =
        "Words.\n\n```console,exit=1,beside=80\n$ a \\\n  b\nc\nd\n$ e\n```\n```rust\nfn f() {}\n```\n";
    let blocks = blocks(text);
    let [console, rust] = blocks.as_slice() else { panic!("{blocks:?}") };
    assert_eq!((console.says("exit"), console.says("beside"), console.line), (Some("1"), Some("80"), 4));
    let command = |line: &str, shown: &str| Command { line: line.to_owned(), shown: shown.to_owned() };
    assert_eq!(console.commands(), [command("a \\\n  b", "c\nd\n"), command("e", "")]);
    assert_eq!((rust.language.as_str(), rust.text.as_str()), ("rust", "fn f() {}\n"));
}

#[test]
fn an_ellipsis_stands_for_anything() {
    for (text, shown) in [("abc", "abc"), ("abc", "a…"), ("abc", "…c"), ("abcb", "a…c…"), ("", "…")]
    {
        assert!(is_as_shown(text, shown), "{text} {shown}");
    }
    for (text, shown) in [("abc", "ab"), ("abc", "b…"), ("abc", "a…b"), ("abc", "a…d…")] {
        assert!(!is_as_shown(text, shown), "{text} {shown}");
    }
}
