//! The codes that the program ends with.
//!
//! Owns every code and what it means; `docs/cli.md` says the same, and the test below holds the two together.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// What was asked for is done.
    Success,
    /// It could not be done, and the standard error stream says why.
    Failure,
    /// Nothing was tried: the command line makes no sense.
    Usage,
    /// SIGINT ended it.
    Interrupted,
    /// SIGTERM ended it.
    Terminated,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            // A shell's: 128 and the signal's number.
            Self::Interrupted => 128 + 2,
            Self::Terminated => 128 + 15,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    /// The meaning that the documentation gives it, and the row that follows.
    fn row(exit: Exit) -> (&'static str, Option<Exit>) {
        match exit {
            Exit::Success => ("it worked", Some(Exit::Failure)),
            Exit::Failure => ("it did not", Some(Exit::Usage)),
            Exit::Usage => ("the command line makes no sense", Some(Exit::Interrupted)),
            Exit::Interrupted => ("Ctrl-C (`SIGINT`)", Some(Exit::Terminated)),
            Exit::Terminated => ("`SIGTERM`", None),
        }
    }

    fn rows() -> Vec<(u8, &'static str)> {
        let exits = std::iter::successors(Some(Exit::Success), |exit| row(*exit).1);
        exits.map(|exit| (exit.code(), row(exit).0)).collect()
    }

    #[test]
    fn the_documentation_lists_these_codes_and_no_others() {
        let page = include_str!("../../docs/cli.md");
        let section = page.split("\n## Exit codes\n").nth(1).and_then(|rest| rest.split("\n## ").next());
        let documented = section.unwrap_or_default().lines().filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            Some((cells.next()?.parse::<u8>().ok()?, cells.next()?))
        });
        assert_eq!(documented.collect::<Vec<_>>(), rows());
    }

    #[test]
    fn help_tells_of_no_others() {
        let command = Cli::command();
        for command in command.get_subcommands().chain([&command]) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let codes = help.split("Exit codes: ").nth(1).unwrap_or_default();
            for number in
                codes.split(|c: char| !c.is_ascii_digit()).filter_map(|text| text.parse::<u8>().ok())
            {
                let known = rows().iter().any(|(code, _)| *code == number);
                assert!(known, "`{}` tells of exit code {number}", command.get_name());
            }
        }
    }
}
