#[cog::predict]
async fn chat(prompt: String, ctx: &Prediction) -> Result<impl Stream<Item = Result<Token>>> {
    talk(prompt, ctx).await
}
