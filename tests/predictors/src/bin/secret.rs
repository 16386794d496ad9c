//! Prints and gives back a secret as it shows itself: masked.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use std::time::Duration;

use cog::prelude::*;

#[cog::predict]
fn secret(token: cog::Secret, #[input(default = 2.0)] seconds: f64, ctx: &Prediction) -> Result<String> {
    println!("{token}");
    ctx.sleep(Duration::from_secs_f64(seconds))?;
    Ok(token.to_string())
}

fn main() -> ExitCode {
    cog::main::<secret>()
}
