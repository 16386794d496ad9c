//! Gives tokens as fast as it can, after a pause in which readers may join; for the benchmark.

use std::time::Duration;

use cog::prelude::*;

#[cog::predict]
fn tokens(
    #[input(default = 1000)] n: i64,
    #[input(default = 0.0)] pause: f64,
    ctx: &Prediction,
) -> Result<impl Iterator<Item = Token>> {
    ctx.sleep(Duration::from_secs_f64(pause))?;
    Ok((0..n).map(|i| Token::from(format!("tok{i} "))))
}

fn main() -> ExitCode {
    cog::main::<tokens>()
}
