use cog::prelude::*;

#[derive(cog::Inputs)]
struct Text {
    text: String,
}

#[derive(cog::Inputs)]
enum Inputs {
    Text(String),
}

#[derive(cog::Inputs)]
struct Tuple(String);

#[derive(cog::Inputs)]
struct Wrong {
    #[input(ge = 1)]
    text: String,
    borrowed: &'static str,
}

struct Plain {
    text: String,
}

#[cog::predict(batch)]
fn no_maximum(inputs: Vec<Text>) -> Vec<String> {
    Vec::new()
}

#[cog::predict(batch(max = 0, wait = "5 minutes"))]
fn odd_numbers(inputs: Vec<Text>) -> Vec<String> {
    Vec::new()
}

#[cog::predict(batch(size = 3))]
fn unknown_key(inputs: Vec<Text>) -> Vec<String> {
    Vec::new()
}

#[cog::predict(batch(max = 3))]
async fn asynchronous(inputs: Vec<Text>) -> Vec<String> {
    Vec::new()
}

#[cog::predict(batch(max = 3))]
fn one_by_one(#[input(min_length = 3)] text: String, ctx: &Prediction) -> String {
    text
}

#[cog::predict(batch(max = 3))]
fn no_inputs(predictions: &[Prediction]) {}

#[cog::predict(batch(max = 3))]
fn no_derive(inputs: Vec<Plain>) -> Vec<String> {
    Vec::new()
}

fn main() {}
