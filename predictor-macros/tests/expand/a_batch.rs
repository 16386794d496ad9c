#[derive(cog::Inputs)]
struct Text {
    /// What to embed
    text: String,
    #[input(default = true)]
    normalize: bool,
}

#[cog::predictor]
impl Embedder {
    #[predict(batch(max = 32, wait = "5ms"))]
    fn predict(&self, inputs: Vec<Text>, predictions: &[Prediction]) -> Result<Vec<Result<Vec<f32>>>> {
        self.model.embed(inputs, predictions)
    }
}
