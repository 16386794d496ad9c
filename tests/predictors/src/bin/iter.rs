//! Gives its output in pieces, slowly if asked to, and breaks where it is told to.

use std::time::Duration;

use cog::prelude::*;

#[cog::predict]
fn iter(
    #[input(default = 3)] n: i64,
    #[input(default = 0.0)] delay: f64,
    #[input(default = -1)] fail_at: i64,
    ctx: &Prediction,
) -> impl Iterator<Item = Result<String>> {
    (0..=n.max(0)).map_while(move |i| {
        // The pause after a piece is a part of asking for the next one.
        let paused = if i > 0 { ctx.sleep(Duration::from_secs_f64(delay)) } else { Ok(()) };
        (i < n).then(|| paused.map_err(Into::into).and_then(|()| chunk(i, fail_at)))
    })
}

fn chunk(i: i64, fail_at: i64) -> Result<String> {
    ensure!(i != fail_at, "ValueError: boom at {i}");
    Ok(format!("chunk-{i}"))
}

fn main() -> ExitCode {
    cog::main::<iter>()
}
