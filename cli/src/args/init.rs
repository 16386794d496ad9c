//! `cog init`, as it is typed.

use std::path::PathBuf;

use clap::Args;

use crate::commands::init::Settings;
use crate::init::Template;

/// `cog init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Directory to make the project in
    #[arg(short = 'C', long, value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,
    /// What to begin with [default: hello]
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<Template>,
}

impl Init {
    /// What the command wants to know.
    pub fn settings(self) -> Settings {
        Settings { directory: self.directory, template: self.template }
    }
}
