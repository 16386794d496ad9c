//! Which project a command is about.

use std::path::PathBuf;

use clap::Args;

/// Which project a command is about.
#[derive(Debug, Args)]
pub struct Place {
    /// Directory of the project; `cog.yaml` is looked for there and above
    #[arg(short = 'C', long, value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,
}
