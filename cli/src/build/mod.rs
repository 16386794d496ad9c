//! From a project to a tagged image.
//!
//! Owns the order of things: project lock, solve, schema out of the result, labels on it, name. Nothing of ours is
//! left in the engine but the named image, however a build ends. Refuses to know how a project becomes a Dockerfile
//! (`plan`, `dockerfile`, `context`) and how an engine solves one (`engine`).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::engine::{
    BuildRequest, BuildSecret, ContextTar, Engine, Event, Image, Progress, Quiet, ScratchImage, read_file,
    uninterrupted,
};

mod error;
mod label;
mod lock;
mod project;
mod schema;
mod source;
#[cfg(test)]
mod tests;

pub use error::{Error, Result};
pub use lock::ProjectLock;
pub use project::{Settings, prepare};
pub use schema::SCHEMA_LABEL;

/// All that a build does, ready to be done.
#[derive(Debug)]
pub struct Recipe {
    /// What the image will be called.
    pub image: String,
    /// `linux/amd64`, ….
    pub platform: String,
    /// The Dockerfile's text.
    pub dockerfile: String,
    /// Where it lies in the context.
    pub dockerfile_path: String,
    /// The files it may copy.
    pub context: ContextTar,
    /// Labels known beforehand.
    pub labels: BTreeMap<String, String>,
    /// Where the built image has its schema.
    pub schema_path: String,
    /// The project's directory, which is locked for the length of the build.
    pub directory: PathBuf,
    /// Repeat every step.
    pub no_cache: bool,
    /// Secrets offered to its steps.
    pub secrets: Vec<BuildSecret>,
}

/// A built image.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// Its name.
    pub image: String,
    /// Its id.
    pub id: String,
    /// Its OpenAPI document.
    pub schema: serde_json::Value,
    /// Whether the name already stood for exactly this image.
    pub unchanged: bool,
}

/// Builds what `recipe` says.
///
/// # Errors
/// A failing step, a model without a valid schema, an engine that gives up. The name then stands for what it stood
/// for before. The future may be dropped at any point with the same effect.
pub async fn build(engine: &Arc<dyn Engine>, recipe: Recipe, progress: &mut dyn Progress) -> Result<Built> {
    let _lock = ProjectLock::take(&recipe.directory, progress).await?;
    let request = BuildRequest {
        context: recipe.context,
        dockerfile: recipe.dockerfile_path,
        platform: Some(recipe.platform.clone()),
        no_cache: recipe.no_cache,
        secrets: recipe.secrets,
        ..BuildRequest::default()
    };
    let id =
        engine.build(request, progress).await.map_err(|error| Error::of_solve(error, &recipe.dockerfile))?;
    let scratch = ScratchImage::tag(engine, id, scratch_name(&recipe.directory)).await?;
    let bare = present(engine, scratch.reference()).await?;
    if let Some(built) = unchanged(engine, &recipe.image, &bare, &recipe.labels).await? {
        return Ok(built);
    }

    let document = read_file(engine, scratch.reference(), &recipe.schema_path).await?;
    let document = schema::check(document.as_deref())?;
    progress.event(Event::Note("Adding labels to the image".to_owned()));
    let mut labels = recipe.labels;
    labels.insert(SCHEMA_LABEL.to_owned(), document.to_string());
    let request = BuildRequest {
        context: label::context(scratch.reference(), &labels)?,
        dockerfile: label::DOCKERFILE.to_owned(),
        platform: Some(recipe.platform),
        ..BuildRequest::default()
    };
    let id = engine.build(request, &mut Quiet).await?;
    let (namer, named, image) = (Arc::clone(engine), id.clone(), recipe.image.clone());
    uninterrupted(move || namer.tag(&named, &image)).await?;
    Ok(Built { image: recipe.image, id, schema: document, unchanged: false })
}

/// The image of that name, when labelling `bare` would only make it again. Its layers are those of `bare`, so the
/// schema in its label is the one in `bare`, and reading that again is spared, too.
async fn unchanged(
    engine: &Arc<dyn Engine>,
    name: &str,
    bare: &Image,
    labels: &BTreeMap<String, String>,
) -> Result<Option<Built>> {
    let Some(named) = engine.image(name).await? else { return Ok(None) };
    let Some(document) = named.labels.get(SCHEMA_LABEL) else { return Ok(None) };
    let Ok(schema) = schema::check(Some(document.as_bytes())) else { return Ok(None) };
    let mut wanted = bare.labels.clone();
    wanted.extend(labels.clone());
    wanted.insert(SCHEMA_LABEL.to_owned(), document.clone());
    let same = named.layers == bare.layers && named.config == bare.config && named.labels == wanted;
    Ok(same.then(|| Built { image: name.to_owned(), id: named.id, schema, unchanged: true }))
}

async fn present(engine: &Arc<dyn Engine>, reference: &str) -> Result<Image> {
    let image = engine.image(reference).await?;
    image.ok_or_else(|| crate::engine::Error::NoSuchImage { reference: reference.to_owned() }.into())
}

/// A name for the image before it has its labels: the same each time, so that what a killed build left is taken over
/// by the next, and another one for each project, whose lock keeps two builds from meeting at it.
fn scratch_name(directory: &std::path::Path) -> String {
    let digest = Sha256::digest(directory.as_os_str().as_encoded_bytes());
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("cog-tmp:{hex}")
}
