//! `cog help`, as it is typed.

use clap::Args;

/// `cog help`.
#[derive(Debug, Args)]
pub struct Help {
    /// A command, or a topic [default: all of them]
    #[arg(value_name = "COMMAND|TOPIC")]
    pub words: Vec<String>,
}
