//! The page of all commands, from the definition of the command line.

use std::fmt::Write;

use clap::{Arg, ArgAction, Command};

const PREFACE: &str = "\
# Commands

This page is made from the program's own definition of its command line. How inputs are written, where outputs go, what
builders and exit codes there are: [command line](cli.md). The variables that stand for flags, and others:
[environment](environment.md).
";

/// The page.
pub(super) fn page(root: &Command) -> String {
    let mut root = root.clone();
    root.build();
    let mut page = PREFACE.to_owned();
    page.push_str("\n| | |\n|---|---|\n");
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        let title = title(command);
        let link = title.replace(' ', "-");
        let _ = writeln!(page, "| [`{title}`](#{link}) | {} |", cell(&about(command)));
    }
    page.push_str("\n## With every command\n");
    table(&mut page, root.get_arguments());
    for command in all(&root) {
        section(&mut page, &command);
    }
    page
}

/// The commands and their own, in the order of the help.
pub(super) fn all(root: &Command) -> Vec<Command> {
    let mut root = root.clone();
    root.build();
    let mut commands = Vec::new();
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        commands.push(command.clone());
        commands.extend(command.get_subcommands().filter(|command| command.get_name() != "help").cloned());
    }
    commands
}

/// The command line that a command's help shows.
pub(super) fn example(command: &Command) -> Option<String> {
    after(command, "Example: ")
}

fn section(page: &mut String, command: &Command) {
    let title = title(command);
    let _ = write!(page, "\n## {title}\n\n{}.", about(command));
    let aliases: Vec<_> = command.get_visible_aliases().map(|alias| format!("`cog {alias}`")).collect();
    if !aliases.is_empty() {
        let _ = write!(page, " {} is the same.", aliases.join(", "));
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let _ = writeln!(page, "\n\n```text\n{usage}\n```");
    if let Some(example) = example(command) {
        let _ = writeln!(page, "\nExample: `{example}`");
    }
    if let Some(codes) = after(command, "Exit codes: ") {
        let _ = writeln!(page, "\nExit codes: {codes}");
    }
    table(page, command.get_arguments().filter(|argument| !argument.is_global_set()));
}

fn table<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    let mut shown: Vec<&Arg> = arguments.filter(|argument| !argument.is_hide_set()).collect();
    shown.retain(|argument| {
        !matches!(argument.get_id().as_str(), "help" | "version") || argument.is_global_set()
    });
    if shown.is_empty() {
        return;
    }
    page.push_str("\n| | |\n|---|---|\n");
    for argument in shown {
        let _ = writeln!(page, "| {} | {} |", spelling(argument), cell(&meaning(argument)));
    }
}

/// `-t`, `--tag NAME`; `[IMAGE]`.
fn spelling(argument: &Arg) -> String {
    let value = argument.get_value_names().unwrap_or_default().join(" ");
    let value = value.replace('|', "\\|");
    if argument.is_positional() {
        return format!("`{value}`");
    }
    let takes = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let short = argument.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
    let long = argument.get_long().unwrap_or_default();
    if takes { format!("{short}`--{long} {value}`") } else { format!("{short}`--{long}`") }
}

fn meaning(argument: &Arg) -> String {
    let mut meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let takes = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let defaults: Vec<_> =
        argument.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    if takes && !defaults.is_empty() {
        let _ = write!(meaning, " (default: {})", defaults.join(", "));
    }
    if let Some(variable) = argument.get_env() {
        let _ = write!(meaning, "; `{}` says it for all", variable.to_string_lossy());
    }
    meaning
}

fn title(command: &Command) -> String {
    command.get_bin_name().unwrap_or_default().to_owned()
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn after(command: &Command, head: &str) -> Option<String> {
    let text = command.get_after_help()?.to_string();
    text.lines().find_map(|line| line.strip_prefix(head)).map(str::to_owned)
}

/// Text as a cell of a table.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}
