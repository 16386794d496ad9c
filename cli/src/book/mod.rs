//! The pages of `docs/` that are made from this program: its commands, and the variables of the environment.
//!
//! Owns their text. `INSTA_UPDATE=always cargo test -p cog-cli book::` writes them anew.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod commands;
mod variables;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};
use regex::Regex;

use crate::args::Cli;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The page of this name is as it would be made now.
#[track_caller]
fn is_fresh(name: &str, made: &str) {
    let path = repository().join("docs").join(name);
    if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
        fs::write(&path, made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/{name} is stale: `INSTA_UPDATE=always cargo test -p cog-cli book::` writes it anew"
    );
}

#[test]
fn the_page_of_commands_is_fresh() {
    is_fresh("commands.md", &commands::page(&Cli::command()));
}

#[test]
fn the_page_of_variables_is_fresh() {
    is_fresh("environment.md", &variables::page());
}

#[test]
fn every_example_of_a_command_makes_sense() {
    for command in commands::all(&Cli::command()) {
        let Some(example) = commands::example(&command) else { continue };
        for line in example.split(" && ").filter(|line| line.starts_with("cog ")) {
            let words = line.split(" > ").next().unwrap().split(' ');
            if let Err(error) = Cli::try_parse_from(words) {
                panic!("`{line}`: {error}");
            }
        }
    }
}

/// Every name that the sources ask the environment for is in the table, and nothing else is.
#[test]
fn every_variable_that_is_read_is_told() {
    let mut read = BTreeSet::new();
    for directory in ["cli/src", "runtime/src"] {
        names_in(&repository().join(directory), &mut read);
    }
    // Made of parts, and what libraries read.
    read.extend(variables::INDIRECT.map(str::to_owned));
    let told: BTreeSet<String> = variables::names().map(str::to_owned).collect();
    let untold: Vec<_> = read.difference(&told).collect();
    assert!(untold.is_empty(), "not in cli/src/book/variables.rs: {untold:?}");
    let unread: Vec<_> = told.difference(&read).collect();
    assert!(unread.is_empty(), "told and read by nobody: {unread:?}");
}

fn names_in(directory: &Path, names: &mut BTreeSet<String>) {
    // What is asked for by name, and what can be nothing else by its first word.
    let asked =
        Regex::new(r#"(?:\b(?:var|var_os|text|said|set|given|env = )\(?)"([A-Z][A-Z0-9_]+)""#).unwrap();
    let ours = Regex::new(r#""((?:COG|OTEL|AWS|DOCKER|WEBHOOK)_[A-Z0-9_]+)""#).unwrap();
    let listed = Regex::new(r#"let screen = \[(.*)\];"#).unwrap();
    let quoted = Regex::new(r#""([A-Z][A-Z0-9_]+)""#).unwrap();
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        if path.is_dir() {
            if !matches!(name.as_str(), "book" | "tests" | "testing" | "snapshots") {
                names_in(&path, names);
            }
        } else if name.ends_with(".rs") && !matches!(name.as_str(), "tests.rs" | "testing.rs") {
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for pattern in [&asked, &ours] {
                names.extend(pattern.captures_iter(code).map(|found| found[1].to_owned()));
            }
            for list in listed.captures_iter(code) {
                names.extend(quoted.captures_iter(&list[1]).map(|found| found[1].to_owned()));
            }
        }
    }
}
