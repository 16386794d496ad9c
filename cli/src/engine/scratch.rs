//! An image that exists for the length of one piece of work.

use std::sync::Arc;

use super::Engine;

/// A name for an image that goes, with the image if it has no other, when this does.
#[derive(Debug)]
pub struct ScratchImage {
    engine: Arc<dyn Engine>,
    reference: String,
}

impl ScratchImage {
    /// Takes charge of a name, whether or not the engine knows it yet.
    pub fn new(engine: &Arc<dyn Engine>, reference: String) -> Self {
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
        let _ = std::thread::spawn(move || engine.remove_image(&reference)).join();
    }
}
