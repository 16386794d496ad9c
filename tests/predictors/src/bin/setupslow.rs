//! Takes four seconds to set up.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use std::time::Duration;

use cog::prelude::*;

struct Runner;

#[cog::predictor]
impl Runner {
    fn setup() -> Self {
        println!("slow setup begins");
        std::thread::sleep(Duration::from_secs(4));
        println!("slow setup ends");
        Self
    }

    fn predict(&self, text: String) -> String {
        text
    }
}

fn main() -> ExitCode {
    cog::main::<Runner>()
}
