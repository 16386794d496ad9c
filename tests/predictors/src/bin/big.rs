//! Takes and gives text of any size.

use cog::prelude::*;

#[cog::predict]
fn big(#[input(default = "")] text: String, #[input(default = 0)] out: i64) -> String {
    match usize::try_from(out) {
        Ok(0) | Err(_) => format!("len={}", text.chars().count()),
        Ok(out) => "y".repeat(out),
    }
}

fn main() -> ExitCode {
    cog::main::<big>()
}
