//! Makes several predictions by one call; an input says what happens to it, or to all.

use std::time::Duration;

use cog::prelude::*;

#[derive(cog::Inputs)]
struct Line {
    /// What to say
    text: String,
    /// How long the whole batch takes at least
    #[input(default = 0.0, ge = 0.0, le = 60.0)]
    seconds: f64,
    /// `fail`: only this one; `panic`, `forget`: all
    #[input(default = "answer", choices = ["answer", "fail", "panic", "forget"])]
    mode: String,
}

#[cog::predict(batch(max = 8, wait = "300ms"))]
fn batch(lines: Vec<Line>, predictions: &[Prediction]) -> Result<Vec<Result<String>>> {
    let size = lines.len();
    for (line, prediction) in lines.iter().zip(predictions) {
        cog::log!(prediction, "{} is one of {size}", line.text);
    }
    let longest = lines.iter().map(|line| line.seconds).fold(0.0, f64::max);
    std::thread::sleep(Duration::from_secs_f64(longest));
    assert!(lines.iter().all(|line| line.mode != "panic"), "one of them wanted a panic");
    let answers =
        lines.into_iter().filter(|line| line.mode != "forget").map(|line| match line.mode.as_str() {
            "fail" => bail!("{} fails", line.text),
            _ => Ok(format!("{}, of {size}", line.text)),
        });
    Ok(answers.collect())
}

fn main() -> ExitCode {
    cog::main::<batch>()
}
