//! Gives out JSON of any shape.

use cog::prelude::*;
use serde_json::{Number, Value, json};

#[cog::predict]
fn anyout(#[input(default = "dict")] kind: String) -> Result<Value> {
    Ok(match kind.as_str() {
        "dict" => json!({"a": 1, "b": [1, 2, {"c": null}]}),
        "none" => Value::Null,
        "list" => json!([1, "two", {"three": 3}]),
        "list1" => json!(["only"]),
        "emptylist" => json!([]),
        "emptydict" => json!({}),
        "emptystr" => json!(""),
        "tuple" => json!([1, 2]),
        "set" => json!([7]),
        "enum" => json!("red"),
        "datetime" => json!("2025-01-02T03:04:05.000678+00:00"),
        "bytesio" => json!("data:application/octet-stream;base64,aGVsbG8="),
        "nested_bytesio" => json!({"f": "data:application/octet-stream;base64,aGVsbG8="}),
        "nan" => return not_a_number(),
        "float" => json!(1.0),
        "false" => json!(false),
        "big" => "x".repeat(7 * 1024 * 1024).into(),
        "gen" => json!([0, 1, 2]),
        "iterator" => json!([1, 2]),
        _ => kind.into(),
    })
}

fn not_a_number() -> Result<Value> {
    match Number::from_f64(f64::NAN) {
        Some(number) => Ok(number.into()),
        None => bail!("ValueError: JSON has no word for what is not a number"),
    }
}

fn main() -> ExitCode {
    cog::main::<anyout>()
}
