//! An asynchronous predictor with a health check that a file in the working directory steers.

use std::time::Duration;

use cog::prelude::*;
use tokio::time::sleep;

#[derive(Default)]
struct Runner;

#[cog::predictor]
impl Runner {
    async fn predict(&self, #[input(default = 0.0)] seconds: f64) -> String {
        sleep(Duration::from_secs_f64(seconds)).await;
        "ok".to_owned()
    }

    async fn healthcheck(&self) -> Result<bool> {
        match cog_test_predictors::health_mode().as_str() {
            "false" => return Ok(false),
            "raise" => bail!("ValueError: gpu lost"),
            "slow" => sleep(Duration::from_secs(8)).await,
            _ => {}
        }
        Ok(true)
    }
}

fn main() -> ExitCode {
    cog::main::<Runner>()
}
