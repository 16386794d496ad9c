//! Sentence embeddings with a BERT encoder: knows tensors and tokens, nothing of predictions.

use std::error::Error;
use std::path::Path;

use candle_core::{D, DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};

/// The longest text the model was trained on; what goes beyond is cut off.
const MAX_TOKENS: usize = 256;

/// A value, or whatever went wrong.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A sentence encoder in memory, the GPU's where there is one.
pub struct Encoder {
    device: Device,
    model: BertModel,
    tokenizer: Tokenizer,
}

impl Encoder {
    /// Reads the three files of a Hugging Face sentence encoder.
    pub fn load(config: &Path, tokenizer: &Path, model: &Path) -> Result<Self> {
        let config: Config = serde_json::from_slice(&std::fs::read(config)?)?;
        let mut tokenizer = Tokenizer::from_file(tokenizer)?;
        tokenizer
            .with_padding(Some(PaddingParams::default()))
            .with_truncation(Some(TruncationParams { max_length: MAX_TOKENS, ..Default::default() }))?;
        let device = device();
        let weights = VarBuilder::from_buffered_safetensors(std::fs::read(model)?, DType::F32, &device)?;
        Ok(Self { model: BertModel::load(weights, &config)?, tokenizer, device })
    }

    /// One vector of length 1 for each text, in the order of the texts.
    pub fn encode(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let encodings = self.tokenizer.encode_batch(texts, true)?;
        let ids: Vec<_> = encodings.iter().map(|text| text.get_ids().to_vec()).collect();
        let mask: Vec<_> = encodings.iter().map(|text| text.get_attention_mask().to_vec()).collect();
        let ids = Tensor::new(ids, &self.device)?;
        let mask = Tensor::new(mask, &self.device)?;

        let tokens = self.model.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        Ok(normalise(&mean(&tokens, &mask)?)?.to_vec2()?)
    }
}

/// The first GPU, if this is compiled for one (`../embed-gpu` is) and there is one; else the CPU.
fn device() -> Device {
    Device::new_cuda(0).unwrap_or_else(|error| {
        if candle_core::utils::cuda_is_available() {
            println!("no GPU to be had ({error}); the CPU does the work");
        }
        Device::Cpu
    })
}

/// The mean over each text's tokens, padding left out.
fn mean(tokens: &Tensor, mask: &Tensor) -> candle_core::Result<Tensor> {
    let mask = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
    tokens.broadcast_mul(&mask)?.sum(1)?.broadcast_div(&mask.sum(1)?)
}

/// Every row scaled to length 1.
fn normalise(rows: &Tensor) -> candle_core::Result<Tensor> {
    rows.broadcast_div(&rows.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?)
}
