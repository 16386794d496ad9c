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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn embedder() -> Embedder {
        let weights = Path::new("weights");
        assert!(weights.join("model.safetensors").exists(), "no weights: run `../fetch-weights embed`");
        let [config, tokenizer, model] =
            ["config.json", "tokenizer.json", "model.safetensors"].map(|name| weights.join(name));
        Embedder { encoder: Encoder::load(&config, &tokenizer, &model).unwrap() }
    }

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn texts_of_like_meaning_lie_close() {
        let texts = ["A man is eating food.", "Someone is having a meal.", "The stock market crashed today."];
        let vectors = embedder().predict(texts.map(str::to_owned).to_vec()).unwrap();
        let [eating, meal, stocks] = &vectors[..] else { panic!("{} vectors", vectors.len()) };
        assert_eq!(eating.len(), 384);
        assert!((cosine(eating, eating) - 1.0).abs() < 1e-4);
        assert!((cosine(eating, meal) - 0.689).abs() < 0.01, "{}", cosine(eating, meal));
        assert!((cosine(eating, stocks) - 0.009).abs() < 0.01, "{}", cosine(eating, stocks));
    }

    #[test]
    fn a_text_is_the_same_alone_and_in_company() {
        let (short, long) = ("Rain.".to_owned(), "It has been raining all day. ".repeat(60));
        let embedder = embedder();
        let alone = embedder.predict(vec![short.clone()]).unwrap();
        let together = embedder.predict(vec![short, long]).unwrap();
        assert!(cosine(&alone[0], &together[0]) > 0.9999);
    }

    #[test]
    fn no_texts_give_no_vectors() {
        assert!(embedder().predict(Vec::new()).unwrap().is_empty());
    }
}
