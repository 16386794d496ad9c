//! Bringing a finished image to where it was asked to go.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::Result;
use super::builder::Output;
use super::kept::Kept;
use crate::cache::Scratch;
use crate::digest;
use crate::engine::{self, ContextTar, Engine, Event, Progress, ScratchImage, uninterrupted};
use crate::host;
use crate::oci::{self, Image, Layout};
use crate::reference::Reference;
use crate::registry::{Blob, Parcel, Registry};

/// What the names of images begin with that are on the way to their own.
const SCRATCH: &str = "cog-tmp:";
/// What those names end in while the engine is given the image.
const LOADING: &str = "-loading";

/// Where an image is put together.
pub(super) struct Place {
    project: PathBuf,
    layers: Layers,
    /// What is kept of the project's last image.
    kept: Option<Kept>,
}

/// Where its layers are.
enum Layers {
    /// Where they stay.
    Given(PathBuf),
    /// Where they wait for the project's next image.
    Kept(PathBuf),
    /// Until they have been handed on.
    Scratch(Scratch),
}

impl Place {
    /// The place for an image of `project` that goes to `output`. One that will not do is told before minutes of compiling.
    ///
    /// # Errors
    /// A cache or a directory that cannot be written to, a directory that holds other things.
    pub(super) async fn of(output: &Output, project: &Path, progress: &mut dyn Progress) -> Result<Self> {
        let (layers, kept) = match output {
            Output::Oci(directory) => (Layers::Given(directory.clone()), None),
            Output::Docker(_) | Output::Registry { .. } => {
                let kept = Kept::of(project, progress).await?;
                (Layers::Kept(kept.layout()), Some(kept))
            }
        };
        let place = Self { project: project.to_owned(), layers, kept };
        place.layout()?;
        Ok(place)
    }

    /// The same where the layers come out of an engine: those that only go back into one are not kept.
    ///
    /// # Errors
    /// As for [`Place::of`].
    pub(super) async fn passing(
        output: &Output,
        project: &Path,
        progress: &mut dyn Progress,
    ) -> Result<Self> {
        let place = Self::of(output, project, progress).await?;
        match output {
            Output::Docker(_) => Ok(Self { layers: Layers::Scratch(Scratch::new()?), ..place }),
            Output::Oci(_) | Output::Registry { .. } => Ok(place),
        }
    }

    /// The layout there.
    ///
    /// # Errors
    /// As for [`Place::of`].
    pub(super) fn layout(&self) -> Result<Layout> {
        let layout = match &self.layers {
            Layers::Given(directory) => Layout::open(directory),
            Layers::Kept(directory) => Layout::kept(directory),
            Layers::Scratch(directory) => Layout::passing(directory.path()),
        };
        Ok(layout.map_err(host::Error::from)?)
    }

    /// Where to keep what is known of the layers, where they are kept.
    pub(super) fn notes(&self) -> Option<PathBuf> {
        match &self.layers {
            Layers::Kept(directory) => Some(directory.join("known.json")),
            Layers::Given(_) | Layers::Scratch(_) => None,
        }
    }

    /// How many of the lowest layers of `image` an engine need not be given, because it has `named`.
    fn known(&self, named: &engine::Image, image: &Image) -> usize {
        if named.is_manifest() {
            // It has layers as they were sent, and does not say how.
            return self.kept.as_ref().map_or(0, |kept| kept.known(&named.id, image));
        }
        let pairs = named.layers.iter().zip(&image.layers);
        pairs.take_while(|(known, layer)| **known == layer.diff_id).count()
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

/// Hands on an image that the `layout` in `place` names.
pub(super) async fn deliver(
    output: &Output,
    name: &str,
    place: &Place,
    layout: Layout,
    image: &Image,
    schema: &Value,
    progress: &mut dyn Progress,
) -> Result<Delivered> {
    match output {
        Output::Oci(_) => Ok(Delivered { id: image.id(), digest: Some(image.digest()), unchanged: false }),
        Output::Docker(engine) => {
            let unchanged = hand_over(engine, name, place, layout, image).await?;
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
async fn hand_over(
    engine: &Arc<dyn Engine>,
    name: &str,
    place: &Place,
    layout: Layout,
    image: &Image,
) -> Result<bool> {
    // An engine calls it by one or the other.
    let ids = [image.id(), image.digest()];
    let named = engine.image(name).await?;
    if named.as_ref().is_some_and(|named| ids.contains(&named.id)) {
        return Ok(true);
    }
    // Not every engine has everything when it gives a name.
    let loading = format!("{}{LOADING}", scratch_name(&place.project));
    for id in ids {
        let whole = |image: &engine::Image| !image.names.iter().any(|name| is_being_loaded(name));
        if engine.image(&id).await?.as_ref().is_some_and(whole) {
            let (owner, name) = (Arc::clone(engine), name.to_owned());
            uninterrupted(move || owner.tag(&id, &name)).await?;
            return Ok(false);
        }
    }
    let loading = ScratchImage::to_be(engine, loading);
    let layout = Arc::new(layout);
    let known = named.map_or(0, |named| place.known(&named, image));
    let loaded = load(engine, &layout, image, loading.reference(), known).await;
    match loaded {
        // Nor does every one take an image without all of its layers.
        Err(engine::Error::Engine { .. }) if known > 0 => {
            load(engine, &layout, image, loading.reference(), 0).await?;
        }
        other => other?,
    }
    let (owner, from, to) = (Arc::clone(engine), loading.reference().to_owned(), name.to_owned());
    uninterrupted(move || owner.tag(&from, &to)).await?;
    if let Some(kept) = &place.kept {
        kept.note_loaded(image);
    }
    Ok(false)
}

/// Loads an image, without the layers that the engine has, the `known` lowest ones.
async fn load(
    engine: &Arc<dyn Engine>,
    layout: &Arc<Layout>,
    image: &Image,
    name: &str,
    known: usize,
) -> engine::Result<()> {
    let name = Reference::parse(name).map_err(|error| engine::Error::Engine { reason: error.to_string() })?;
    let (engine, layout, image) = (Arc::clone(engine), Arc::clone(layout), image.clone());
    let archive = ContextTar::new(move |out| {
        layout.archive(&image, &name, known, out).map_err(|error| match error {
            oci::Error::Write { source, .. } => source,
            other => std::io::Error::other(other),
        })
    });
    uninterrupted(move || engine.load(archive)).await
}

/// Whether an engine may have less of an image than all: it was, or is, being given it by this or another program.
fn is_being_loaded(name: &str) -> bool {
    name.contains(SCRATCH) && name.ends_with(LOADING)
}

/// A name for what an engine has of a project on the way to its image: the same until the machine starts anew, so that
/// what a killed build left is taken over by the next, and another one for each project, whose lock keeps two builds
/// from meeting at it: also for one that has the same path in another container or on another machine, beside the same
/// engine.
pub(super) fn scratch_name(project: &Path) -> String {
    let mut which = project.as_os_str().as_encoded_bytes().to_vec();
    // Machines that begin from one disk and share an engine may be the same in all else.
    which.extend(std::fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default());
    if let Ok(stat) = std::fs::metadata(project) {
        which.extend(format!("\0{}:{}", stat.dev(), stat.ino()).into_bytes());
    }
    format!("{SCRATCH}{}", digest::name_for(&which))
}
