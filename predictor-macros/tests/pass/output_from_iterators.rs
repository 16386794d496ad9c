use cog::model::Predictor as _;
use cog::prelude::*;
use cog::schema::Delivery;
use serde_json::json;

#[derive(Default)]
struct Counter {
    start: u32,
}

#[cog::predictor]
impl Counter {
    // Borrows the predictor, the prediction and an input.
    fn predict(&self, n: u32, ctx: &Prediction) -> impl Iterator<Item = Result<u32>> {
        (self.start..n).map(move |i| {
            cog::log!(ctx, "{i}");
            if i == 2 {
                cog::bail!("boom at {i}");
            }
            Ok(i)
        })
    }
}

#[cog::predict]
fn boxed(n: u8) -> Box<dyn Iterator<Item = u8>> {
    Box::new(0..n)
}

#[cog::predict]
fn fallible(n: u8) -> Result<impl Iterator<Item = u8>> {
    cog::ensure!(n < 3, "{n} is too many");
    Ok(0..n)
}

#[cog::predict]
async fn from_async(n: u8) -> impl Iterator<Item = Token> {
    (0..n).map(|i| Token(i.to_string()))
}

fn main() {
    assert_eq!(Counter::signature().output.delivery, Delivery::Iterator);
    assert_eq!(from_async::signature().output.delivery, Delivery::Concatenate);
    let outcome = cog::testing::predict::<Counter>(json!({"n": 2}));
    assert_eq!((outcome.output, outcome.logs.as_str()), (json!([0, 1]), "0\n1\n"));
    let outcome = cog::testing::predict::<Counter>(json!({"n": 9}));
    assert_eq!((outcome.output, outcome.error.as_deref()), (json!([0, 1]), Some("boom at 2")));
    assert_eq!(cog::testing::predict::<boxed>(json!({"n": 0})).unwrap(), json!([]));
    assert_eq!(cog::testing::predict::<fallible>(json!({"n": 1})).unwrap(), json!([0]));
    assert_eq!(cog::testing::predict::<fallible>(json!({"n": 3})).unwrap_err(), "3 is too many");
    assert_eq!(cog::testing::predict::<from_async>(json!({"n": 2})).unwrap(), json!(["0", "1"]));
}
