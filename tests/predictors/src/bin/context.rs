//! Gives back the context that came with the prediction.

use cog::prelude::*;
use serde_json::{Value, json};

#[cog::predict]
fn context(ctx: &Prediction) -> Value {
    json!(ctx.context())
}

fn main() -> ExitCode {
    cog::main::<context>()
}
