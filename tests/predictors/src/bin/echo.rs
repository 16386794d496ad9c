//! Gives the text back, greeted.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use cog::prelude::*;

struct Runner;

#[cog::predictor]
impl Runner {
    fn setup() -> Self {
        println!("setup says hi");
        Self
    }

    fn predict(
        &self,
        /// Text to echo
        text: String,
    ) -> String {
        println!("echoing {} chars", text.chars().count());
        format!("hello {text}")
    }
}

fn main() -> ExitCode {
    cog::main::<Runner>()
}
