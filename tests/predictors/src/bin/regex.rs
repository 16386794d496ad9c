//! Takes text that must match a pattern, and text that must not be long.

use cog::prelude::*;

#[cog::predict]
fn regex(#[input(regex = "b")] a: String, #[input(default = "x", max_length = 2)] n: String) -> String {
    let _ = n;
    a
}

fn main() -> ExitCode {
    cog::main::<regex>()
}
