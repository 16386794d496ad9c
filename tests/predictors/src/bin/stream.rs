//! Gives text token by token, counts them in a metric, and breaks where it is told to.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a model prints is its log")]

use std::time::Duration;

use cog::prelude::*;

#[cog::predict]
fn stream(
    #[input(default = 3)] n: i64,
    #[input(default = 0.0)] delay: f64,
    #[input(default = -1)] fail_at: i64,
    #[input(default = 0.0)] tail: f64,
    ctx: &Prediction,
) -> impl Iterator<Item = Result<Token>> {
    println!("starting to stream");
    (0..=n.max(0)).map_while(move |i| match token(i, n, delay, fail_at, tail, ctx) {
        Ok(Some(token)) => Some(Ok(token)),
        Ok(None) => {
            eprintln!("done streaming");
            None
        }
        Err(error) => Some(Err(error)),
    })
}

fn token(i: i64, n: i64, delay: f64, fail_at: i64, tail: f64, ctx: &Prediction) -> Result<Option<Token>> {
    if i > 0 {
        // The pause after a token is a part of asking for the next one.
        ctx.sleep(Duration::from_secs_f64(delay))?;
    }
    if i >= n {
        ctx.sleep(Duration::from_secs_f64(tail))?;
        return Ok(None);
    }
    ensure!(i != fail_at, "RuntimeError: stream broke");
    ctx.increment_metric("tokens", 1)?;
    Ok(Some(format!("tok{i} ").into()))
}

fn main() -> ExitCode {
    cog::main::<stream>()
}
