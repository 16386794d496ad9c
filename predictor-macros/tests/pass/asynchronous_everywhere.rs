use cog::prelude::*;
use serde_json::json;

struct Later;

#[cog::predictor]
impl Later {
    async fn setup() -> Self {
        std::future::ready(Later).await
    }

    async fn predict(&self, n: u32, ctx: &Prediction) -> Result<u32> {
        ctx.check()?;
        Ok(std::future::ready(n + 1).await)
    }

    async fn healthcheck(&self) {}
}

fn main() {
    let model = cog::testing::Model::<Later>::setup().unwrap();
    assert_eq!(model.predict(json!({"n": 1})).output, json!(2));
    model.healthcheck().unwrap();
}
