//! Takes an optional input that says nothing more about itself.

use cog::prelude::*;

#[cog::predict]
fn bareopt(a: Option<String>, b: i64) -> String {
    format!("a={} b={b}", a.as_deref().unwrap_or("None"))
}

fn main() -> ExitCode {
    cog::main::<bareopt>()
}
