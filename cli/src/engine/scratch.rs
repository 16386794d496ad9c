//! An image that exists for the length of one piece of work.

use std::sync::Arc;

use super::{Engine, Result, uninterrupted};

/// A name for an image that goes, with the image if it has no other, when this does.
#[derive(Debug)]
pub struct ScratchImage {
    engine: Arc<dyn Engine>,
    reference: String,
}

impl ScratchImage {
    /// Names `image`.
    pub async fn tag(engine: &Arc<dyn Engine>, image: String, reference: String) -> Result<Self> {
        let scratch = Self::to_be(engine, reference.clone());
        let engine = Arc::clone(engine);
        uninterrupted(move || engine.tag(&image, &reference)).await?;
        Ok(scratch)
    }

    /// Stands for a name that an image is about to get.
    pub fn to_be(engine: &Arc<dyn Engine>, reference: String) -> Self {
        Self { engine: Arc::clone(engine), reference }
    }

    /// The name.
    pub fn reference(&self) -> &str {
        &self.reference
    }
}

impl Drop for ScratchImage {
    fn drop(&mut self) {
        let (engine, reference) = (Arc::clone(&self.engine), std::mem::take(&mut self.reference));
        drop(uninterrupted(move || engine.remove_image(&reference)));
    }
}
