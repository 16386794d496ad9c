use cog::Prediction;
use serde_json::json;

#[cog::predict]
fn first(ctx: &Prediction, a: String) -> String {
    cog::log!(ctx, "first {a}");
    a
}

#[cog::predict]
fn between(a: String, ctx: &cog::Prediction, b: String) -> String {
    ctx.log("between");
    a + &b
}

#[cog::predict]
fn alone(_: &Prediction) -> u8 {
    1
}

fn main() {
    let outcome = cog::testing::predict::<first>(json!({"a": "x"}));
    assert_eq!((outcome.output, outcome.logs.as_str()), (json!("x"), "first x\n"));
    let outcome = cog::testing::predict::<between>(json!({"a": "x", "b": "y"}));
    assert_eq!((outcome.output, outcome.logs.as_str()), (json!("xy"), "between\n"));
    assert_eq!(cog::testing::predict::<alone>(json!({})).output, json!(1));
}
