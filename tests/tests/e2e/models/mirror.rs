use std::collections::HashMap;

use cog::prelude::*;
use serde_json::{Value, json};

/// Gives its inputs back.
#[cog::predict]
fn mirror(
    text: Option<String>,
    whole: Option<i64>,
    large: Option<u64>,
    real: Option<f64>,
    flag: Option<bool>,
    words: Option<Vec<String>>,
    numbers: Option<Vec<i64>>,
    table: Option<HashMap<String, i64>>,
    anything: Option<Value>,
) -> Value {
    json!({
        "text": text, "whole": whole, "large": large, "real": real, "flag": flag,
        "words": words, "numbers": numbers, "table": table, "anything": anything,
    })
}

fn main() -> ExitCode {
    cog::main::<mirror>()
}
