//! The engine's builder: a Dockerfile solved, the result taken out and put together anew, then handed over.
//!
//! What an engine makes bears the moment it was made at, in each layer and in its configuration. Taken out and written
//! again without it, the same source gives the same image, whatever the engine and its age; labels are put on it on the
//! way, the project's large files come in without having been in a context, and it can go to a registry or a directory
//! as well as back into the engine.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use super::builder::{Builder, Output};
use super::deliver::{Delivered, Place, deliver, scratch_name};
use super::memory::Memory;
use super::remake::{Shelf, remake};
use super::veil::Veil;
use super::{Built, Error, Prepared, ProjectLock, Recipe, Result, schema};
use crate::engine::{BuildRequest, Engine, Event, Image, Progress, ScratchImage, read_file};
use crate::plan::Platform;

/// An engine, and a place for the result.
pub(super) struct Docker {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) output: Output,
}

impl Builder for Docker {
    fn build<'a>(
        self: Box<Self>,
        prepared: &'a Prepared,
        progress: &'a mut dyn Progress,
    ) -> BoxFuture<'a, Result<Built>> {
        async move { build(&self.engine, prepared.recipe()?, &self.output, progress).await }.boxed()
    }
}

/// Builds what `recipe` says.
///
/// # Errors
/// A failing step, a model without a valid schema, an engine that gives up. The name then stands for what it stood
/// for before. The future may be dropped at any point with the same effect.
pub(super) async fn build(
    engine: &Arc<dyn Engine>,
    mut recipe: Recipe,
    output: &Output,
    progress: &mut dyn Progress,
) -> Result<Built> {
    if Platform::here() != Some(recipe.platform) {
        engine.machine().await?.must_run(recipe.platform)?;
    }
    let _lock = ProjectLock::take(&recipe.directory, progress).await?;
    let place = Place::passing(output, &recipe.directory, progress).await?;
    let request = BuildRequest {
        context: std::mem::take(&mut recipe.context),
        dockerfile: recipe.dockerfile_path.clone(),
        platform: Some(recipe.platform.to_string()),
        no_cache: recipe.no_cache,
        secrets: std::mem::take(&mut recipe.secrets),
        ..BuildRequest::default()
    };
    let id = {
        let mut veil = Veil::of(&request.secrets, progress)?;
        let built = engine.build(request, &mut veil).await;
        built.map_err(|error| Error::of_solve(error, &recipe.dockerfile))?
    };
    let scratch = ScratchImage::tag(engine, id, scratch_name(&recipe.directory)).await?;
    let bare = present(engine, scratch.reference()).await?;
    let memory = Memory::of(&bare, &recipe);
    if let Output::Docker(engine) = output
        && let Some(built) = unchanged(engine, &recipe, &memory).await?
    {
        return Ok(built);
    }

    let document = read_file(engine, scratch.reference(), &recipe.schema_path).await?;
    let schema = schema::check(document.as_deref())?;
    progress.event(Event::Note("Putting the layers together".to_owned()));
    let shelf = Shelf::at(&place, output.packing())?;
    let (layout, image) = remake(engine, &bare, &recipe, &schema, shelf).await?;
    let Delivered { id, digest, unchanged } =
        deliver(output, &recipe.image, &place, layout, &image, &schema, progress).await?;
    if matches!(output, Output::Docker(_)) {
        memory.keep(&recipe.directory, &id);
    }
    Ok(Built { image: recipe.image, id, schema, digest, unchanged })
}

/// The image of that name, when another one would only be the same again.
async fn unchanged(engine: &Arc<dyn Engine>, recipe: &Recipe, memory: &Memory) -> Result<Option<Built>> {
    let Some(id) = memory.recall(&recipe.directory) else { return Ok(None) };
    let Some(named) = engine.image(&recipe.image).await? else { return Ok(None) };
    if named.id != id {
        return Ok(None);
    }
    let Some(schema) = schema::of(engine, &named).await? else { return Ok(None) };
    let image = recipe.image.clone();
    Ok(Some(Built { image, id, schema, digest: None, unchanged: true }))
}

async fn present(engine: &Arc<dyn Engine>, reference: &str) -> Result<Image> {
    let image = engine.image(reference).await?;
    image.ok_or_else(|| crate::engine::Error::NoSuchImage { reference: reference.to_owned() }.into())
}
