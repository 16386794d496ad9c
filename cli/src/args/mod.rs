//! The command line as clap reads it: words in, settings out.
//!
//! Owns names, help and the shape of every flag. Decides nothing: what a command does with its settings is the
//! command's business.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::engine::{BuildSecret, Gpus};
use crate::progress::Mode;

#[cfg(test)]
mod tests;

/// Packages machine-learning models as containers with a standard HTTP prediction API.
#[derive(Debug, Parser)]
#[command(name = "cog", version, propagate_version = true, arg_required_else_help = true, after_help = FIRST_STEPS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Never use colours (as NO_COLOR does)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Show errors with everything that led to them
    #[arg(long, global = true)]
    pub debug: bool,
}

const FIRST_STEPS: &str = "\
First steps, in an empty directory: cog init, then cog predict --local -i name=World
Exit codes: 0 it worked, 1 it did not, 2 the command line makes no sense, 130 Ctrl-C, 143 SIGTERM";

const CODES: &str = "Exit codes: 0 it worked, 1 it did not, 2 the command line makes no sense, 130 Ctrl-C.";
const SERVE_CODES: &str =
    "Exit codes: 0 it worked, or Ctrl-C ended it; 1 it did not; 2 the command line makes no sense.";

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
    /// Serve a project or an image over HTTP until Ctrl-C
    #[command(after_help = format!("Example: cog serve --local -p 8393\n\n{SERVE_CODES}"))]
    Serve(Serve),
    /// Build an image and send it to its registry
    #[command(after_help = example("cog push registry.example.com/me/hello"))]
    Push(Push),
    /// Print the OpenAPI document of a project or an image
    #[command(after_help = example("cog schema > openapi.json"))]
    Schema(Schema),
    /// Print the Dockerfile that `cog build` uses
    #[command(after_help = example("cog dockerfile -C examples/hello-world"))]
    Dockerfile(Dockerfile),
}

fn example(line: &str) -> String {
    format!("Example: {line}\n\n{CODES}")
}

/// Which project a command is about.
#[derive(Debug, Args)]
pub struct Place {
    /// Directory of the project; `cog.yaml` is looked for there and above
    #[arg(short = 'C', long, value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,
}

/// How an image is built.
#[derive(Debug, Args)]
pub struct Building {
    /// How progress is shown: auto, tty, plain or quiet
    #[arg(
        long,
        value_name = "HOW",
        env = "BUILDKIT_PROGRESS",
        default_value = "auto",
        hide_env_values = true
    )]
    pub progress: Mode,
    /// Run every build step anew
    #[arg(long)]
    pub no_cache: bool,
    /// A secret for the steps that mount it: id=ID,src=FILE or id=ID,env=NAME (repeatable)
    #[arg(long = "secret", value_name = "SECRET")]
    pub secrets: Vec<BuildSecret>,
}

/// `cog init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Directory to make the project in
    #[arg(short = 'C', long, value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,
}

/// `cog build`.
#[derive(Debug, Args)]
pub struct Build {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub building: Building,
    /// Name of the image [default: `image:` of cog.yaml, else cog- and the directory's name]
    #[arg(short, long, value_name = "NAME")]
    pub tag: Option<String>,
    /// Print what would be done, as JSON, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `cog predict`.
#[derive(Debug, Args)]
pub struct Predict {
    /// Image to predict with [default: the project]
    pub image: Option<String>,
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub building: Building,
    /// Compile and run the model on this machine, without Docker
    #[arg(long, conflicts_with_all = ["image", "gpus"])]
    pub local: bool,
    /// An input; @FILE is a file's content, @@ a literal @; repeat it for a list
    #[arg(short, long = "input", value_name = "NAME=VALUE")]
    pub inputs: Vec<OsString>,
    /// All inputs as one JSON object, @FILE, or @- for standard input; the whole answer is printed as JSON
    #[arg(long, value_name = "JSON")]
    pub json: Option<OsString>,
    /// File that the output goes to
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A variable of the model's environment (repeatable)
    #[arg(short, long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<String>,
    /// GPUs for the container: all, a number, or device=0,1
    #[arg(long, value_name = "GPUS")]
    pub gpus: Option<Gpus>,
    /// Seconds that setup may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub setup_timeout: u64,
}

/// `cog serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Image to serve [default: the project]
    pub image: Option<String>,
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub building: Building,
    /// Compile and run the model on this machine, without Docker
    #[arg(long, conflicts_with_all = ["image", "gpus"])]
    pub local: bool,
    /// Port to listen on
    #[arg(short, long, default_value_t = 8393)]
    pub port: u16,
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// A variable of the model's environment (repeatable)
    #[arg(short, long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<String>,
    /// GPUs for the container: all, a number, or device=0,1
    #[arg(long, value_name = "GPUS")]
    pub gpus: Option<Gpus>,
}

/// `cog push`.
#[derive(Debug, Args)]
pub struct Push {
    /// Name to push to [default: `image:` of cog.yaml]
    pub reference: Option<String>,
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub building: Building,
}

/// `cog schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Image to ask [default: the project, compiled on this machine]
    pub image: Option<String>,
    #[command(flatten)]
    pub place: Place,
    /// Compile on this machine; what happens without an image anyway
    #[arg(long, conflicts_with = "image")]
    pub local: bool,
}

/// `cog dockerfile`.
#[derive(Debug, Args)]
pub struct Dockerfile {
    #[command(flatten)]
    pub place: Place,
}

fn variable(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((name, _)) if !name.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is not of the form NAME=VALUE")),
    }
}
