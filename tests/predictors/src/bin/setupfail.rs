//! Cannot be set up.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use cog::prelude::*;

struct Runner;

#[cog::predictor]
impl Runner {
    fn setup() -> Result<Self> {
        println!("about to explode");
        bail!("RuntimeError: no weights")
    }

    fn predict(&self, text: String) -> String {
        text
    }
}

fn main() -> ExitCode {
    cog::main::<Runner>()
}
