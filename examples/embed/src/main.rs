//! Turns texts into vectors, so that texts of like meaning lie close to each other.

mod encoder;

use cog::prelude::*;
use encoder::Encoder;

/// all-MiniLM-L6-v2, a small sentence encoder.
struct Embedder {
    encoder: Encoder,
}

#[cog::predictor]
impl Embedder {
    fn setup(ctx: &Setup) -> encoder::Result<Self> {
        let encoder = Encoder::load(
            &ctx.weights("weights/config.json")?,
            &ctx.weights("weights/tokenizer.json")?,
            &ctx.weights("weights/model.safetensors")?,
        )?;
        Ok(Self { encoder })
    }

    fn predict(
        &self,
        /// Texts to embed, each cut off after 256 tokens (about 200 words)
        texts: Vec<String>,
    ) -> encoder::Result<Vec<Vec<f32>>> {
        self.encoder.encode(texts)
    }
}

fn main() -> ExitCode {
    cog::main::<Embedder>()
}
