//! A look into an image without running it.

use std::sync::Arc;

use super::container::Guard;
use super::{ContainerSpec, Engine, Result, uninterrupted};

/// The bytes of a regular file in an image; `None` when it has no such file.
///
/// Made of a container that is never started: the model's code does not run, and no shell is needed inside.
pub async fn read_file(engine: &Arc<dyn Engine>, image: &str, path: &str) -> Result<Option<Vec<u8>>> {
    // An image without a command cannot be made a container of, even one that never starts.
    let spec =
        ContainerSpec { image: image.to_owned(), args: vec!["never".to_owned()], ..ContainerSpec::default() };
    let guard = Guard::create(engine, spec).await?;
    let bytes = engine.download(&guard.name, path).await?;
    uninterrupted(move || {
        drop(guard);
        Ok(())
    })
    .await?;
    Ok(bytes)
}
