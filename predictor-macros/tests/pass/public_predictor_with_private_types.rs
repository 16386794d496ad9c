#![deny(warnings)]

use serde_json::json;

#[derive(cog::Choice)]
enum Style {
    Sharp,
}

#[derive(cog::Output)]
struct Answer {
    style: Style,
}

pub struct Model;

#[cog::predictor]
impl Model {
    fn setup() -> Self {
        Self
    }

    fn predict(&self, style: Style) -> Answer {
        Answer { style }
    }
}

fn main() {
    let outcome = cog::testing::predict::<Model>(json!({"style": "sharp"}));
    assert_eq!(outcome.unwrap(), json!({"style": "sharp"}));
}
