//! Greets; the world, if nobody else is named.

use cog::prelude::*;

#[cog::predict]
fn legacy(#[input(default = "world")] s: String) -> String {
    format!("hello {s}")
}

fn main() -> ExitCode {
    cog::main::<legacy>()
}
