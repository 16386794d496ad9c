//! An image that an engine has.

use std::sync::Arc;

use super::{Inspected, Layer, Result, about, split};
use crate::build;
use crate::engine::Engine;

/// The image called `name`; `None` where the engine does not have it.
pub async fn of_engine(engine: &Arc<dyn Engine>, name: &str) -> Result<Option<Inspected>> {
    let Some(image) = engine.image(name).await? else { return Ok(None) };
    let steps = engine.history(name).await?;
    let layers = steps.into_iter().filter(|step| step.size > 0);
    let layers: Vec<Layer> =
        layers.map(|step| Layer { digest: None, size: step.size, about: about(&step.created_by) }).collect();
    let (labels, mut schema) = split(image.labels.clone());
    if schema.is_none() && build::schema_is_a_file(&labels) {
        schema = build::schema(engine, &image).await.ok().flatten();
    }
    let digest = image.digests.iter().find_map(|name| Some(name.split_once('@')?.1.to_owned()));
    Ok(Some(Inspected {
        name: name.to_owned(),
        place: "engine",
        id: image.id,
        digest,
        platform: format!("linux/{}", image.architecture),
        created: image.created,
        size: layers.iter().map(|layer| layer.size).sum(),
        layers,
        labels,
        schema,
        ..Inspected::default()
    }))
}
