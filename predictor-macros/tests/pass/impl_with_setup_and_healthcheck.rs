use cog::model::Predictor as _;
use cog::prelude::*;
use serde_json::json;

struct Adder {
    start: i64,
}

#[cog::predictor(concurrency = 4)]
impl Adder {
    fn setup(ctx: &Setup) -> Result<Self> {
        cog::ensure!(ctx.root().is_dir(), "no directory");
        Ok(Self { start: Self::one() })
    }

    fn one() -> i64 {
        1
    }

    fn predict(&self, n: i64) -> i64 {
        self.start + n
    }

    fn healthcheck(&self) -> Result<bool> {
        Ok(self.start == 1)
    }
}

fn main() {
    assert_eq!(Adder::CONCURRENCY, 4);
    let model = cog::testing::Model::<Adder>::setup().unwrap();
    assert_eq!(model.predict(json!({"n": 2})).output, json!(3));
    model.healthcheck().unwrap();
}
