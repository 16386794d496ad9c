//! Turns texts into vectors, so that texts of like meaning lie close to each other.

pub mod encoder;

use cog::prelude::*;
use encoder::Encoder;

/// all-MiniLM-L6-v2, a small sentence encoder.
pub struct Embedder {
    encoder: Encoder,
}

#[derive(cog::Inputs)]
pub struct Input {
    /// Texts to embed, each cut off after 256 tokens (about 200 words)
    pub texts: Vec<String>,
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

    /// Encodes the texts of several callers at once, which takes less time than one caller after the other.
    #[predict(batch(max = 32, wait = "5ms"))]
    fn predict(&self, inputs: Vec<Input>) -> encoder::Result<Vec<Vec<Vec<f32>>>> {
        let counts: Vec<usize> = inputs.iter().map(|input| input.texts.len()).collect();
        let texts = inputs.into_iter().flat_map(|input| input.texts).collect();
        let mut vectors = self.encoder.encode(texts)?.into_iter();
        Ok(counts.into_iter().map(|count| vectors.by_ref().take(count).collect()).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn embedder() -> Embedder {
        // They may be those of a project that this is part of.
        let places = ["weights", "../weights"].map(Path::new);
        let weights = places.into_iter().find(|place| place.join("model.safetensors").exists());
        let weights = weights.expect("no weights: run `fetch-weights`");
        let [config, tokenizer, model] =
            ["config.json", "tokenizer.json", "model.safetensors"].map(|name| weights.join(name));
        Embedder { encoder: Encoder::load(&config, &tokenizer, &model).unwrap() }
    }

    fn embed(texts: &[&str]) -> Vec<Vec<f32>> {
        let input = Input { texts: texts.iter().map(|text| (*text).to_owned()).collect() };
        embedder().predict(vec![input]).unwrap().remove(0)
    }

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn texts_of_like_meaning_lie_close() {
        let vectors =
            embed(&["A man is eating food.", "Someone is having a meal.", "The stock market crashed today."]);
        let [eating, meal, stocks] = &vectors[..] else { panic!("{} vectors", vectors.len()) };
        assert_eq!(eating.len(), 384);
        assert!((cosine(eating, eating) - 1.0).abs() < 1e-4);
        assert!((cosine(eating, meal) - 0.689).abs() < 0.01, "{}", cosine(eating, meal));
        assert!((cosine(eating, stocks) - 0.009).abs() < 0.01, "{}", cosine(eating, stocks));
    }

    #[test]
    fn a_text_is_the_same_alone_and_in_company() {
        let (short, long) = ("Rain.", "It has been raining all day. ".repeat(60));
        let alone = embed(&[short]);
        let together = embed(&[short, &long]);
        assert!(cosine(&alone[0], &together[0]) > 0.9999);
    }

    #[test]
    fn callers_in_one_batch_get_their_own() {
        let of = |texts: &[&str]| Input { texts: texts.iter().map(|text| (*text).to_owned()).collect() };
        let answers = embedder().predict(vec![of(&["Rain.", "Sun."]), of(&[]), of(&["Rain."])]).unwrap();
        assert_eq!(answers.iter().map(Vec::len).collect::<Vec<_>>(), [2, 0, 1]);
        assert!(cosine(&answers[0][0], &answers[2][0]) > 0.9999);
    }

    #[test]
    fn no_texts_give_no_vectors() {
        assert!(embed(&[]).is_empty());
    }
}
