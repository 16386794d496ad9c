//! Two predictions at a time on one thread, asynchronously.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use std::time::Duration;

use cog::prelude::*;

struct Runner;

#[cog::predictor(concurrency = 2)]
impl Runner {
    async fn setup() -> Self {
        println!("async setup");
        Self
    }

    async fn predict(
        &self,
        #[input(default = 1.0)] seconds: f64,
        #[input(default = "t")] tag: String,
        #[input(default = false)] fail: bool,
        #[input(default = false)] swallow: bool,
        ctx: &Prediction,
    ) -> Result<String> {
        println!("start {tag}");
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs_f64(seconds)) => {}
            () = ctx.cancellation() => {
                println!("cancelled {tag}");
                return if swallow { Ok("swallowed".to_owned()) } else { Err(cog::Canceled.into()) };
            }
        }
        ensure!(!fail, "ValueError: async bad");
        println!("end {tag}");
        Ok(format!("done {tag}"))
    }
}

fn main() -> ExitCode {
    cog::main::<Runner>()
}
