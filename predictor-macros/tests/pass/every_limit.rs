use std::collections::HashMap;

use cog::model::Predictor as _;
use cog::prelude::*;
use serde_json::{Value, json};

const STEPS: u32 = 20;

#[cog::predict]
fn limited(
    #[input(default = 2, ge = 1, le = 10)] count: i32,
    #[input(default = -0.5, ge = -1, le = 0.0)] shift: f32,
    #[input(default = "bob", min_length = 2, max_length = 5)] name: String,
    #[input(default = "ab1", regex = r"^[a-z]+[0-9]$")] code: String,
    #[input(default = "fast", choices = ["fast", "slow"])] style: String,
    #[input(choices = [1, 2, 3], default = 2)] level: u8,
    #[input(default = ["a", "b"])] tags: Vec<String>,
    #[input(default = [])] none: Vec<f32>,
    #[input(default = {})] params: Value,
    #[input(default = {"x": 1, "y": -1})] weights: HashMap<String, f64>,
    #[input(default = STEPS)] steps: u32,
    #[input(default = 7)] seed: Option<u64>,
    #[input(accept = "image/*")] mask: Option<cog::Path>,
    #[input(default = "x", deprecated)] old: String,
    token: Option<Secret>,
) -> String {
    format!(
        "{count} {shift} {name} {code} {style} {level} {tags:?} {none:?} {params} {} {} {steps} {seed:?} {} {old} {}",
        weights["x"],
        weights["y"],
        mask.is_none(),
        token.is_none(),
    )
}

fn main() {
    let signature = limited::signature();
    assert_eq!(signature.faults(), []);
    assert_eq!(signature.input("steps").unwrap().default, Some(json!(20)));
    assert!(signature.input("old").unwrap().deprecated);
    let outcome = cog::testing::predict::<limited>(json!({}));
    let expected = r#"2 -0.5 bob ab1 fast 2 ["a", "b"] [] {} 1 -1 20 Some(7) true x true"#;
    assert_eq!(outcome.unwrap(), json!(expected));
    for (name, value) in
        [("count", json!(11)), ("name", json!("a")), ("code", json!("1")), ("style", json!("s"))]
    {
        let error = cog::testing::predict::<limited>(json!({name: value})).unwrap_err();
        assert!(error.contains(name), "{error}");
    }
}
