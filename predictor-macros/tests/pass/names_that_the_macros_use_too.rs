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

fn main() {
    let input = json!({"input": "one", "setup": 1, "input_0": "", "value": []});
    assert_eq!(cog::testing::predict::<Model>(input).unwrap(), json!("one"));
}
