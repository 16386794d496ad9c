//! The command line as clap reads it: words in, settings out.
//!
//! Owns names, help and the shape of every flag, one file for each command, which also turns what was typed into what
//! the command wants to know. Decides nothing: what a command does with its settings is the command's business.

use clap::{Parser, Subcommand};

mod asking;
mod bench;
mod build;
mod building;
mod completions;
mod dockerfile;
mod doctor;
mod exec;
mod help;
mod init;
mod inspect;
mod login;
mod place;
mod playground;
mod predict;
mod push;
mod schema;
mod serve;
#[cfg(test)]
mod tests;
mod weights;

pub use asking::Asking;
pub use bench::Bench;
pub use build::Build;
pub use building::Building;
pub use completions::Completions;
pub use dockerfile::Dockerfile;
pub use doctor::Doctor;
pub use exec::Exec;
pub use help::Help;
pub use init::Init;
pub use inspect::Inspect;
pub use login::{Login, Logout};
pub use place::Place;
pub use playground::Playground;
pub use predict::Predict;
pub use push::Push;
pub use schema::Schema;
pub use serve::Serve;
pub use weights::{Action as WeightsAction, Weights};

use crate::diagnostic::Format;

/// Packages machine-learning models as containers with a standard HTTP prediction API.
#[derive(Debug, Parser)]
#[command(name = "cog", version, propagate_version = true, arg_required_else_help = true, disable_help_subcommand = true, after_help = FIRST_STEPS, help_template = COMPACT)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Never use colours (as NO_COLOR does)
    #[arg(long, global = true, hide_short_help = true)]
    pub no_color: bool,
    /// Show errors with everything that led to them
    #[arg(long, global = true, hide_short_help = true)]
    pub debug: bool,
    /// How errors are written: text, or json, an object a line
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text", hide_short_help = true)]
    pub error_format: Format,
}

/// The whole help fits one screen of 24 lines.
const COMPACT: &str = "{about}\n{usage-heading} {usage}\n\n{subcommands}\n\n{options}{after-help}";

const FIRST_STEPS: &str = "\
First steps, in an empty directory: cog init, then cog predict --local -i name=World
Exit codes: 0 it worked, 1 it did not, 2 the command line makes no sense, 130 Ctrl-C, 143 SIGTERM";

const CODES: &str = "Exit codes: 0 it worked, 1 it did not, 2 the command line makes no sense, 130 Ctrl-C.";
const SERVE_CODES: &str =
    "Exit codes: 0 it worked, or Ctrl-C ended it; 1 it did not; 2 the command line makes no sense.";

const EXEC_CODES: &str =
    "Exit codes: those of the command; 1 it could not be run; 2 the command line makes no sense.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a project in the current directory, ready to predict and to build
    #[command(after_help = example("mkdir hello && cd hello && cog init"))]
    Init(Init),
    /// Make the image of a project
    #[command(after_help = example("cog build -t hello"))]
    Build(Build),
    /// Predict once, with an image or with the project
    #[command(visible_alias = "run", after_help = example("cog predict --local -i image=@photo.png -i width=64 -o small.png"))]
    Predict(Predict),
    /// Measure how fast a model is: latency, throughput, memory
    #[command(after_help = example("cog bench --local -i name=Ada --concurrency 4 --report bench.html"))]
    Bench(Bench),
    /// Serve a project or an image over HTTP until Ctrl-C
    #[command(after_help = format!("Example: cog serve --local -p 8393\n\n{SERVE_CODES}"))]
    Serve(Serve),
    /// Run a command in an image of the project that has a shell, with the project in /src
    #[command(after_help = format!("Example: cog exec -- sh -c 'ldd /usr/local/bin/model'\n\n{EXEC_CODES}"))]
    Exec(Exec),
    /// Open a page in the browser that tries a running model
    #[command(after_help = format!("Example: cog playground --target http://localhost:8393\n\n{SERVE_CODES}"))]
    Playground(Playground),
    /// Build an image and send it to its registry
    #[command(after_help = example("cog push registry.example.com/me/hello"))]
    Push(Push),
    /// Log in to a registry; `cog logout` forgets that
    #[command(after_help = example("cog login registry.example.com --username me"))]
    Login(Login),
    /// Forget the login of a registry
    #[command(hide = true, after_help = example("cog logout registry.example.com"))]
    Logout(Logout),
    /// Show what an image is: signature, layers, labels, without pulling it
    #[command(after_help = example("cog inspect registry.example.com/me/hello:v1"))]
    Inspect(Inspect),
    /// Print the OpenAPI document of a project or an image
    #[command(after_help = example("cog schema > openapi.json"))]
    Schema(Schema),
    /// Print the Dockerfile that the engine builds by
    #[command(after_help = example("cog dockerfile -C examples/hello-world"))]
    Dockerfile(Dockerfile),
    /// Find out what keeps this machine or the project from working
    #[command(
        after_help = "Example: cog doctor --fix\n\nExit codes: 0 nothing is wrong, though there may be warnings; 1 something is; 2 the command line makes no sense."
    )]
    Doctor(Doctor),
    /// Print what a shell needs to complete command lines, or the manual pages
    #[command(hide = true, after_help = example("cog completions bash > ~/.local/share/bash-completion/completions/cog"))]
    Completions(Completions),
    /// Keep the files that a model loads: import, pull, status, prune
    #[command(after_help = example("cog weights import"))]
    Weights(Weights),
    /// Print help: of a command, or about a topic
    #[command(after_help = example("cog help environment"))]
    Help(Help),
}

impl Command {
    /// Whether Ctrl-C is how one ends it, and no failure.
    pub fn lasts(&self) -> bool {
        match self {
            Self::Serve(_) | Self::Playground(_) => true,
            Self::Predict(args) => args.watch,
            _ => false,
        }
    }

    /// Whether it hands signals on and ends by itself.
    pub fn answers_signals(&self) -> bool {
        matches!(self, Self::Exec(_))
    }
}

fn example(line: &str) -> String {
    format!("Example: {line}\n\n{CODES}")
}

fn variable(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((name, _)) if !name.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is not of the form NAME=VALUE")),
    }
}
