use cog::prelude::*;
use serde_json::json;

/// Greets somebody.
#[cog::predict]
fn hello(
    /// Whom to greet
    name: String,
) -> String {
    format!("Hello, {name}!")
}

fn main() {
    assert_eq!(cog::testing::predict::<hello>(json!({"name": "Ada"})).output, json!("Hello, Ada!"));
    // It is still a function.
    assert_eq!(hello("Ada".to_owned()), "Hello, Ada!");
    let _serve: fn() -> ExitCode = cog::main::<hello>;
}
