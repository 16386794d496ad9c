use std::pin::Pin;

use cog::prelude::*;
use futures_util::stream::{self, BoxStream, StreamExt};
use serde_json::json;

#[cog::predict]
fn plain(n: u8) -> impl Stream<Item = u8> {
    stream::iter(0..n)
}

#[cog::predict]
async fn fallible(n: u8, ctx: &Prediction) -> Result<impl Stream<Item = Result<Token>>> {
    ctx.check()?;
    Ok(stream::iter(0..n).map(|i| Ok(Token::from(i.to_string()))))
}

#[cog::predict]
fn pinned(n: u8) -> Pin<Box<dyn Stream<Item = u8> + Send>> {
    Box::pin(stream::iter(0..n))
}

#[cog::predict]
async fn boxed(n: u8) -> BoxStream<'static, u8> {
    stream::iter(0..n).boxed()
}

fn main() {
    assert_eq!(cog::testing::predict::<plain>(json!({"n": 2})).unwrap(), json!([0, 1]));
    assert_eq!(cog::testing::predict::<fallible>(json!({"n": 2})).unwrap(), json!(["0", "1"]));
    assert_eq!(cog::testing::predict::<pinned>(json!({"n": 1})).unwrap(), json!([0]));
    assert_eq!(cog::testing::predict::<boxed>(json!({"n": 1})).unwrap(), json!([0]));
}
