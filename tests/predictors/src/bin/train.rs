//! Can be trained: a training writes as many bytes of weights as it is told to.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use std::time::Duration;

use cog::prelude::*;
use cog_test_predictors::scratch_folder;

#[cog::predict]
fn predict(s: String) -> String {
    format!("hello {s}")
}

#[derive(cog::Output)]
struct Trained {
    weights: cog::Path,
    steps: i64,
}

#[cog::predict]
fn train(
    /// training data
    data: String,
    #[input(default = 3, ge = 1, le = 100)] n: i64,
    #[input(default = 0.0)] seconds: f64,
    ctx: &Prediction,
) -> Result<Trained> {
    println!("training with {data}");
    ctx.sleep(Duration::from_secs_f64(seconds))?;
    let weights = scratch_folder()?.join("weights.bin");
    std::fs::write(&weights, "w".repeat(usize::try_from(n)?))?;
    Ok(Trained { weights: weights.into(), steps: n })
}

fn main() -> ExitCode {
    cog::main_with_training::<predict, train>()
}
