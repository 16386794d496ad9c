//! Fails in one of several ways, after a line of log and a metric.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use cog::prelude::*;

#[cog::predict]
fn failing(#[input(default = "value")] kind: String, ctx: &Prediction) -> Result<String> {
    println!("about to fail");
    ctx.record_metric("before", 1)?;
    match kind.as_str() {
        "value" => bail!("ValueError: bad value"),
        "empty" => bail!("RuntimeError: "),
        "custom" => bail!("Custom: ('custom message', 42)"),
        "exit" => bail!("SystemExit: 3"),
        "kbd" => bail!("KeyboardInterrupt: "),
        "notimpl" => bail!("NotImplementedError: "),
        "chain" => bail!("ValueError: outer\nsecond line"),
        "panic" => panic!("the model panicked"),
        _ => Ok("ok".to_owned()),
    }
}

fn main() -> ExitCode {
    cog::main::<failing>()
}
