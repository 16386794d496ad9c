use std::fmt;

use cog::prelude::*;
use serde_json::json;

#[derive(Debug)]
struct Odd(std::num::ParseIntError);

impl fmt::Display for Odd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("odd number")
    }
}

impl std::error::Error for Odd {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[cog::predict]
fn own(text: String) -> std::result::Result<i32, Odd> {
    text.parse().map_err(Odd)
}

#[cog::predict]
fn ours(text: String) -> Result<i32> {
    Ok(text.parse()?)
}

#[cog::predict]
fn dynamic(text: String) -> std::result::Result<i32, Box<dyn std::error::Error + Send + Sync>> {
    Ok(text.parse::<i32>()?)
}

#[cog::predict]
fn words(text: String) -> std::result::Result<i32, String> {
    Err(format!("no {text}"))
}

type Alias<T> = std::result::Result<T, Odd>;

#[cog::predict]
fn aliased(text: String) -> Alias<i32> {
    own(text)
}

fn main() {
    let input = || json!({"text": "x"});
    let parse = "invalid digit found in string";
    assert_eq!(cog::testing::predict::<own>(input()).unwrap_err(), format!("odd number: {parse}"));
    assert_eq!(cog::testing::predict::<ours>(input()).unwrap_err(), parse);
    assert_eq!(cog::testing::predict::<dynamic>(input()).unwrap_err(), parse);
    assert_eq!(cog::testing::predict::<words>(input()).unwrap_err(), "no x");
    assert_eq!(cog::testing::predict::<aliased>(input()).unwrap_err(), format!("odd number: {parse}"));
}
