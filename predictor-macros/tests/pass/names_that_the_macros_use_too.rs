#![expect(non_camel_case_types, reason = "one more name to collide with")]

use serde_json::json;

#[derive(Debug, cog::Choice)]
enum Types {
    One,
}

struct Model;
struct prediction {}

#[cog::predictor]
impl Model {
    fn setup() -> Self {
        let _ = prediction {};
        Self
    }

    fn predict(&self, input: Types, setup: u8, input_0: String, value: Vec<Types>) -> Types {
        let _ = (setup, input_0, value);
        input
    }
}

/// Functions, each called as a variable of the expansion is.
mod functions {
    #[derive(cog::Inputs)]
    pub struct Line {
        text: String,
    }

    #[cog::predict]
    pub fn prediction(input: String) -> String {
        input
    }

    #[cog::predict]
    pub fn input() -> u8 {
        1
    }

    #[cog::predict]
    pub async fn input_0(input: String, prediction: &cog::Prediction) -> String {
        let _ = prediction;
        input
    }

    #[cog::predict(batch(max = 2, wait = "1ms"))]
    pub fn inputs(lines: Vec<Line>) -> cog::Result<Vec<cog::Result<String>>> {
        Ok(lines.into_iter().map(|line| Ok(line.text)).collect())
    }
}

fn main() {
    let input = json!({"input": "one", "setup": 1, "input_0": "", "value": []});
    assert_eq!(cog::testing::predict::<Model>(input).unwrap(), json!("one"));
    let input = json!({"input": "x"});
    assert_eq!(cog::testing::predict::<functions::prediction>(input.clone()).unwrap(), json!("x"));
    assert_eq!(cog::testing::predict::<functions::input_0>(input).unwrap(), json!("x"));
    assert_eq!(cog::testing::predict::<functions::input>(json!({})).unwrap(), json!(1));
    assert_eq!(cog::testing::predict::<functions::inputs>(json!({"text": "x"})).unwrap(), json!("x"));
}
