use cog::prelude::*;

/// The inputs of one prediction.
#[derive(cog::Inputs)]
struct Text {
    /// What to embed
    #[input(min_length = 1)]
    text: String,
    #[input(default = true)]
    r#normalize: bool,
    seed: Option<u64>,
}

#[derive(cog::Inputs)]
struct Nothing {}

#[derive(Default)]
struct Method;

#[cog::predictor(concurrency = 2)]
impl Method {
    #[cog::predict(batch(max = 32, wait = "5ms"))]
    fn predict(&self, predictions: &[Prediction], inputs: Vec<Text>) -> Result<Vec<Result<Vec<f32>>>> {
        drop(predictions.iter().map(Prediction::cancelled).collect::<Vec<_>>());
        Ok(inputs.into_iter().map(|input| Ok(vec![input.text.len() as f32])).collect())
    }
}

#[derive(Default)]
struct Other;

#[cog::predictor(batch(max = 4))]
impl Other {
    fn predict(&self, inputs: Vec<Nothing>) -> Vec<&'static str> {
        inputs.iter().map(|_| "nothing").collect()
    }
}

#[cog::predict(batch(max = 2, wait = "100us"))]
fn free(inputs: Vec<Text>) -> Vec<String> {
    inputs.into_iter().map(|input| format!("{}{:?}{}", input.text, input.seed, input.normalize)).collect()
}

fn main() -> ExitCode {
    if std::env::args().count() > 9 {
        return cog::main::<Method>();
    }
    let outcome = cog::testing::predict::<free>(serde_json::json!({"text": "a"}));
    assert_eq!(outcome.unwrap(), "aNonetrue");
    let outcome = cog::testing::predict::<Method>(serde_json::json!({"text": ""}));
    assert!(outcome.unwrap_err().contains("text"));
    assert_eq!(cog::testing::predict::<Other>(serde_json::json!({})).unwrap(), "nothing");
    ExitCode::SUCCESS
}
