//! Gives the place in its trace, and has a part of its own.

use std::time::Duration;

use cog::prelude::*;

#[cog::predict]
fn traced(
    #[input(default = None)] file: Option<cog::Path>,
    #[input(default = false)] fail: bool,
    ctx: &Prediction,
) -> Result<Option<String>> {
    let _decoding = ctx.span("decode");
    std::thread::sleep(Duration::from_millis(50));
    drop(file);
    ensure!(!fail, "it had to");
    Ok(ctx.traceparent().map(str::to_owned))
}

fn main() -> ExitCode {
    cog::main::<traced>()
}
