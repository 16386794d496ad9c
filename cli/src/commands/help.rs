//! `cog help`: of a command, or about a topic. The topics are pages of the book, which travel with the program.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Command, CommandFactory};

use crate::args::Cli;

/// Name, purpose and text of each topic.
const TOPICS: [(&str, &str, &str); 12] = [
    (
        "first-model",
        "from an empty directory to a prediction from a container",
        include_str!("../../../docs/first-model.md"),
    ),
    ("inputs", "what goes in and comes out of a model", include_str!("../../../docs/inputs-and-outputs.md")),
    ("streaming", "outputs that come piece by piece", include_str!("../../../docs/streaming.md")),
    ("gpu", "models for GPUs", include_str!("../../../docs/gpu.md")),
    ("files", "the files that a model loads: `cog weights`", include_str!("../../../docs/weights.md")),
    ("cog-yaml", "what cog.yaml says", include_str!("../../../docs/cog-yaml.md")),
    ("conventions", "streams, colours, exit codes, builders", include_str!("../../../docs/cli.md")),
    ("registries", "pushing, logging in, names", include_str!("../../../docs/registries.md")),
    ("deploying", "Docker, Compose, Kubernetes", include_str!("../../../docs/deploying.md")),
    ("environment", "every variable of the environment", include_str!("../../../docs/environment.md")),
    ("http-api", "how a model is asked over HTTP", include_str!("../../../docs/http-api.md")),
    ("python", "coming from Python Cog", include_str!("../../../docs/from-python.md")),
];

/// Why there is no help.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither a command nor a topic.
    #[error("there is no command and no topic `{0}`")]
    Unknown(String),
}

impl Error {
    /// What there is.
    pub fn hint(&self) -> Option<String> {
        let Self::Unknown(word) = self;
        let command = Cli::command();
        let known =
            command.get_subcommands().map(Command::get_name).chain(TOPICS.iter().map(|topic| topic.0));
        let near =
            known.map(|name| (strsim::jaro_winkler(name, word), name)).max_by(|a, b| a.0.total_cmp(&b.0));
        Some(match near {
            Some((likeness, name)) if likeness > 0.8 => format!("did you mean `cog help {name}`?"),
            _ => "`cog help` lists both".to_owned(),
        })
    }
}

/// Prints help: of everything, of the command that `words` name, or about a topic.
pub fn run(words: &[String]) -> anyhow::Result<ExitCode> {
    let mut out = anstream::stdout();
    let mut command = Cli::command();
    command.build();
    match words {
        [] => {
            write!(out, "{}\n\nTopics, with `cog help TOPIC`:\n", command.render_long_help().ansi())?;
            for (name, purpose, _) in TOPICS {
                writeln!(out, "  {name:<12} {purpose}")?;
            }
        }
        [topic] if TOPICS.iter().any(|(name, ..)| name == topic) => {
            for (_, _, text) in TOPICS.iter().filter(|(name, ..)| name == topic) {
                write!(io::stdout(), "{text}")?;
            }
        }
        words => {
            let mut found = &mut command;
            for word in words {
                found = found.find_subcommand_mut(word).ok_or_else(|| Error::Unknown(words.join(" ")))?;
            }
            write!(out, "{}", found.render_long_help().ansi())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_topic_is_no_command() {
        let command = Cli::command();
        for (name, ..) in TOPICS {
            assert!(command.find_subcommand(name).is_none(), "{name}");
        }
    }

    #[test]
    fn what_is_near_is_suggested() {
        let hint = |word: &str| Error::Unknown(word.to_owned()).hint().unwrap();
        assert!(hint("stream").contains("cog help streaming") && hint("biuld").contains("cog help build"));
        assert!(hint("xyzzy").contains("lists both"));
    }
}
