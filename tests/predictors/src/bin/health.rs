//! A predictor with a health check that a file in the working directory steers.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use std::thread::sleep;
use std::time::Duration;

use cog::prelude::*;

#[derive(Default)]
struct Runner;

#[cog::predictor]
impl Runner {
    fn predict(&self, #[input(default = 0.0)] seconds: f64) -> String {
        sleep(Duration::from_secs_f64(seconds));
        "ok".to_owned()
    }

    fn healthcheck(&self) -> Result<bool> {
        let mode = cog_test_predictors::health_mode();
        println!("healthcheck {mode}");
        match mode.as_str() {
            "false" => return Ok(false),
            "raise" => bail!("ValueError: gpu lost"),
            "slow" => sleep(Duration::from_secs(8)),
            _ => {}
        }
        Ok(true)
    }
}

fn main() -> ExitCode {
    cog::main::<Runner>()
}
