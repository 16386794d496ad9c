//! Takes one input of every kind and constraint, and tells what arrived.

use cog::prelude::*;
use serde_json::{Value, json};

#[cog::predict]
fn inputs(
    /// The prompt
    prompt: String,
    /// How many
    #[input(default = 3, ge = 1, le = 10)]
    count: i64,
    #[input(default = 1.5, ge = 0, le = 2.5)] scale: f64,
    /// Style
    #[input(default = "balanced", choices = ["fast", "balanced", "quality"])]
    style: String,
    #[input(default = 2, choices = [1, 2, 3])] level: i64,
    #[input(default = false)] flag: bool,
    #[input(default = "bob", min_length = 2, max_length = 5)] name: String,
    #[input(default = "ab1", regex = "^[a-z]+[0-9]$")] code: String,
    /// Optional image
    #[input(default = None, accept = "image/*")]
    image: Option<cog::Path>,
    /// Secret
    #[input(default = None)]
    token: Option<cog::Secret>,
    #[input(default = ["a", "b"])] tags: Vec<String>,
    /// optional text
    opt: Option<String>,
    #[input(default = None)] bare_opt: Option<i64>,
    #[input(default = {})] params: Value,
    #[input(default = "x", deprecated)] old: String,
) -> Result<Value> {
    let image_name = image.as_ref().map(|image| {
        let name = image.display().to_string();
        let skipped = name.chars().count().saturating_sub(12);
        format!("Path:{}", name.chars().skip(skipped).collect::<String>())
    });
    Ok(json!({
        "prompt": prompt,
        "count": count,
        "scale": scale,
        "style": style,
        "level": level,
        "flag": flag,
        "name": name,
        "code": code,
        "image": image.map(std::fs::read_to_string).transpose()?,
        "image_name": image_name,
        "token": token.as_ref().map_or("None".to_owned(), |token| format!("Secret({token})")),
        "token_value": token.as_ref().map(cog::Secret::expose),
        "tags": tags,
        "opt": opt,
        "bare_opt": bare_opt,
        "params": params,
        "old": old,
    }))
}

fn main() -> ExitCode {
    cog::main::<inputs>()
}
