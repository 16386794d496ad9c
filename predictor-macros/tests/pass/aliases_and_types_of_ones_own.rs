use cog::model::Predictor as _;
use serde_json::json;

type Factor = f32;
type Word = String;

#[derive(cog::Choice)]
enum Style {
    Sharp,
}

#[cog::predict]
fn aliased(
    #[input(default = 2.0, ge = 1, le = 8)] factor: Factor,
    #[input(default = "ab", min_length = 1, regex = "^a")] word: Word,
    #[input(default = "sharp")] style: Option<Style>,
) -> String {
    format!("{factor} {word} {}", style.is_some())
}

fn main() {
    assert_eq!(aliased::signature().faults(), []);
    assert_eq!(cog::testing::predict::<aliased>(json!({})).unwrap(), json!("2 ab true"));
}
