use std::time::Duration;

use cog::prelude::*;

/// Gives words, one at a time.
#[cog::predict]
fn stream(
    #[input(default = 2)] words: u32,
    #[input(default = 0.0, ge = 0.0)] pause: f64,
    #[input(default = false)] fail: bool,
    ctx: &Prediction,
) -> impl Iterator<Item = Result<Token>> {
    println!("finding words");
    (0..words).map(move |word| {
        if word > 0 {
            ctx.sleep(Duration::from_secs_f64(pause))?;
            ensure!(!fail, "no more words");
        }
        Ok(format!("word{word} ").into())
    })
}

fn main() -> ExitCode {
    cog::main::<stream>()
}
