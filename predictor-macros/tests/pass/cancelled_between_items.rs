use std::time::Duration;

use cog::prelude::*;
use cog::testing::{Model, Status};
use serde_json::json;

#[cog::predict]
fn endless() -> impl Iterator<Item = u64> {
    (0..).inspect(|_| std::thread::sleep(Duration::from_millis(1)))
}

#[cog::predict]
fn sleeper(ctx: &Prediction) -> Result<()> {
    ctx.sleep(Duration::from_secs(60))?;
    Ok(())
}

#[cog::predict]
async fn waiter() -> () {
    std::future::pending().await
}

#[cog::predict]
fn other_error(ctx: &Prediction) -> Result<()> {
    while ctx.check().is_ok() {
        std::thread::yield_now();
    }
    cog::bail!("gave up in my own words")
}

fn main() {
    fn ends_canceled<P: cog::model::Predictor>() {
        let model = Model::<P>::setup().unwrap();
        let outcome = model.predict_canceled_after(Duration::from_millis(20), json!({}));
        assert_eq!((outcome.status, outcome.error), (Status::Canceled, None));
    }
    ends_canceled::<endless>();
    ends_canceled::<sleeper>();
    ends_canceled::<waiter>();
    ends_canceled::<other_error>();
}
