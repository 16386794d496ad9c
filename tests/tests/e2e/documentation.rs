//! What the documentation shows is what happens.

use std::fs;
use std::process::Command;

use cog_tests::{Server, repository};

/// The text of a page in `docs/`.
fn page(name: &str) -> String {
    fs::read_to_string(repository().join("docs").join(name)).expect("the page is there")
}

/// The commands of all `console` blocks, each with what it should print.
fn commands(page: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command.to_owned(), String::new())),
                (None, Some((_, printed))) => {
                    printed.push_str(line);
                    printed.push('\n');
                }
                (None, None) => panic!("a block begins with a command: {line}"),
            },
        }
    }
    commands
}

/// Whether the text is as shown, where `…` stands for anything.
fn is_as_shown(text: &str, shown: &str) -> bool {
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
fn the_http_api_answers_as_documented() {
    let server = Server::of("stream");
    let model = format!("http://127.0.0.1:{}", server.port());
    let commands = commands(&page("http-api.md"));
    assert!(commands.len() > 8, "{} commands", commands.len());
    for (command, shown) in commands {
        let output =
            Command::new("sh").args(["-c", &command]).env("MODEL", &model).output().expect("sh runs");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            is_as_shown(printed.trim_end(), shown.trim_end()),
            "$ {command}\n{printed}\nis shown as\n{shown}"
        );
    }
}

#[test]
fn every_variable_of_the_environment_is_documented() {
    let operations = page("operations.md");
    let settings = fs::read_to_string(repository().join("runtime/src/settings.rs")).expect("it is there");
    let mut names: Vec<&str> = settings
        .split('"')
        .filter(|text| text.starts_with("COG_") || *text == "PORT" || *text == "WEBHOOK_AUTH_TOKEN")
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
        .collect();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() > 10, "{names:?}");
    let missing: Vec<&&str> =
        names.iter().filter(|name| !operations.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "not in docs/operations.md: {missing:?}");
}
