//! Bringing a finished image to where it was asked to go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::Result;
use super::builder::Output;
use super::kept;
use crate::cache::Scratch;
use crate::engine::{self, ContextTar, Engine, Event, Progress, uninterrupted};
use crate::host;
use crate::oci::{self, Image, Layout};
use crate::reference::Reference;
use crate::registry::{Blob, Parcel, Registry};

/// Where the layers of an image are put together.
pub(super) enum Place {
    /// Where they stay.
    Given(PathBuf),
    /// Where they wait for the project's next image.
    Kept(PathBuf),
    /// Until they have been handed on.
    Scratch(Scratch),
}

impl Place {
    /// The place for an image that goes to `output`. One that will not do is told before minutes of compiling.
    pub(super) fn of(output: &Output) -> Result<Self> {
        match output {
            Output::Oci(directory) => {
                Layout::open(directory).map_err(host::Error::from)?;
                Ok(Self::Given(directory.clone()))
            }
            Output::Docker(_) | Output::Registry { .. } => Ok(Self::Scratch(Scratch::new()?)),
        }
    }

    /// The same for a builder whose layers are worth keeping: they stay in the cache, for the project's next image.
    pub(super) fn kept(output: &Output, project: &Path) -> Result<Self> {
        match output {
            Output::Oci(_) => Self::of(output),
            Output::Docker(_) | Output::Registry { .. } => Ok(Self::Kept(kept::place(project)?)),
        }
    }

    /// The layout there.
    pub(super) fn layout(&self) -> oci::Result<Layout> {
        match self {
            Self::Given(directory) => Layout::open(directory),
            Self::Kept(directory) => Layout::kept(directory),
            Self::Scratch(directory) => Layout::passing(directory.path()),
        }
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Given(directory) | Self::Kept(directory) => directory,
            Self::Scratch(directory) => directory.path(),
        }
    }
}

/// What came of it.
pub(super) struct Delivered {
    /// The image's id, as its new place has it.
    pub(super) id: String,
    /// Digest of its manifest, where the place has one.
    pub(super) digest: Option<String>,
    /// Whether the name stood for exactly this image already.
    pub(super) unchanged: bool,
}

/// Hands on an image that `layout` names.
pub(super) async fn deliver(
    output: &Output,
    name: &str,
    layout: Layout,
    image: &Image,
    schema: &Value,
    progress: &mut dyn Progress,
) -> Result<Delivered> {
    match output {
        Output::Oci(_) => Ok(Delivered { id: image.id(), digest: Some(image.digest()), unchanged: false }),
        Output::Docker(engine) => {
            let unchanged = hand_over(engine, name, layout, image).await?;
            let named = engine.image(name).await?;
            let id = named.ok_or_else(|| engine::Error::NoSuchImage { reference: name.to_owned() })?.id;
            Ok(Delivered { id, digest: None, unchanged })
        }
        Output::Registry { reference, certificates, gate } => {
            progress.event(Event::Note(format!("Pushing {reference}")));
            let registry = Registry::of(reference, certificates.as_ref()).await?;
            gate.pass(&registry, reference, image, schema, progress).await?;
            let parcel = parcel(&layout, image);
            let unchanged = registry.push(&parcel, reference.tag_or_latest(), progress).await?;
            Ok(Delivered { id: image.id(), digest: Some(image.digest()), unchanged })
        }
    }
}

fn parcel(layout: &Layout, image: &Image) -> Parcel {
    let blobs = layout.files(image).into_iter();
    Parcel {
        blobs: blobs.map(|(digest, size, file)| Blob::file(digest, size, file)).collect(),
        manifest: image.manifest.clone(),
        media_type: oci::MANIFEST.to_owned(),
        digest: image.digest(),
    }
}

/// Gives the image to the engine; whether the name stood for it already.
async fn hand_over(engine: &Arc<dyn Engine>, name: &str, layout: Layout, image: &Image) -> Result<bool> {
    // An engine calls it by one or the other.
    let ids = [image.id(), image.digest()];
    let named = engine.image(name).await?;
    if named.as_ref().is_some_and(|named| ids.contains(&named.id)) {
        return Ok(true);
    }
    for id in ids {
        if engine.image(&id).await?.is_some() {
            let (owner, name) = (Arc::clone(engine), name.to_owned());
            uninterrupted(move || owner.tag(&id, &name)).await?;
            return Ok(false);
        }
    }
    let full = Reference::parse(name).map_err(|error| engine::Error::Engine { reason: error.to_string() })?;
    let layout = Arc::new(layout);
    // Which has the lowest layers of the image that had the name before.
    let shared = named.map_or(0, |named| shared(&named, &layout, image));
    let loaded = load(engine, &layout, image, &full, shared).await;
    match loaded {
        // Not every engine takes an image without all of its layers.
        Err(engine::Error::Engine { .. }) if shared > 0 => load(engine, &layout, image, &full, 0).await?,
        other => other?,
    }
    Ok(false)
}

/// How many of the lowest layers an engine need not be sent, because it has `named`.
fn shared(named: &engine::Image, layout: &Layout, image: &Image) -> usize {
    if named.is_manifest() {
        // It has layers as they were sent, and does not say how.
        return layout.shared(&named.id, image);
    }
    let pairs = named.layers.iter().zip(&image.layers);
    pairs.take_while(|(known, layer)| **known == layer.diff_id).count()
}

/// Loads an image, without the layers that the engine has, the `known` lowest ones. The engine gives the name when it
/// has everything, not before.
async fn load(
    engine: &Arc<dyn Engine>,
    layout: &Arc<Layout>,
    image: &Image,
    name: &Reference,
    known: usize,
) -> engine::Result<()> {
    let (engine, layout) = (Arc::clone(engine), Arc::clone(layout));
    let (image, name) = (image.clone(), name.clone());
    let archive = ContextTar::new(move |out| {
        layout.archive(&image, &name, known, out).map_err(|error| match error {
            oci::Error::Write { source, .. } => source,
            other => std::io::Error::other(other),
        })
    });
    uninterrupted(move || engine.load(archive)).await
}
