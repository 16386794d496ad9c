//! Takes its time, and meets cancellation in the ways that models do: notices it (`loop`), cannot notice it
//! (`block`), carries on regardless (`swallow`), or fails over it (`convert`).
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use std::thread::sleep;
use std::time::Duration;

use cog::prelude::*;

#[cog::predict]
fn slow(
    #[input(default = 2.0)] seconds: f64,
    #[input(default = "loop")] mode: String,
    #[input(default = 0.0)] cleanup: f64,
    ctx: &Prediction,
) -> Result<String> {
    println!("sleeping {seconds} {mode}");
    let time = Duration::from_secs_f64(seconds);
    if mode == "block" {
        sleep(time);
        // Python's code is interrupted here.
        if ctx.cancelled() {
            println!("got cancel");
        }
        ctx.check()?;
    } else if let Err(canceled) = ctx.sleep(time) {
        println!("got cancel");
        sleep(Duration::from_secs_f64(cleanup));
        match mode.as_str() {
            "swallow" => return Ok("swallowed".to_owned()),
            "convert" => bail!("ValueError: converted"),
            _ => return Err(canceled.into()),
        }
    }
    println!("finished");
    Ok(format!("slept {seconds}"))
}

fn main() -> ExitCode {
    cog::main::<slow>()
}
