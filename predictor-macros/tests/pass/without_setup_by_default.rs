use serde_json::json;

#[derive(Default)]
struct Echo;

#[cog::predictor]
impl Echo {
    fn predict(&self, text: String) -> String {
        text
    }
}

fn main() {
    assert_eq!(cog::testing::predict::<Echo>(json!({"text": "a"})).output, json!("a"));
}
