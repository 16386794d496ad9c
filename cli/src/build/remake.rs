//! An image that an engine made, put together anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::deliver::Place;
use super::{Error, Recipe, Result};
use crate::cache::Scratch;
use crate::engine::{self, Engine};
use crate::host;
use crate::oci::{self, Image, Layer, Layout, Made, Packing, Saved};
use crate::side_by_side::side_by_side;

/// Where the layers go, and which of an engine's layers are there already.
pub(super) struct Shelf {
    layout: Layout,
    packing: Packing,
    /// Where it is noted what there is, if that outlives the build.
    notes: Option<PathBuf>,
    known: Known,
}

/// Layers by the digest of the engine's own.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    /// The engine's image that was taken out last: its id, its configuration, how many layers are of its base.
    last: Option<(String, Value, usize)>,
    layers: BTreeMap<String, Layer>,
}

impl Shelf {
    /// One in that place. Where layers are kept, each is packed once.
    pub(super) fn at(place: &Place, packing: Packing) -> Result<Self> {
        let (layout, notes) = (place.layout()?, place.notes());
        let text = notes.as_ref().and_then(|notes| fs::read(notes).ok());
        let mut known: Known = text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        known.layers.retain(|_, layer| layout.has(layer));
        Ok(Self { layout, packing, notes, known })
    }

    fn note(&self) {
        if let (Some(notes), Ok(text)) = (&self.notes, serde_json::to_vec(&self.known)) {
            let _unwritten = fs::write(notes, text);
        }
    }
}

/// Puts the image together that `recipe` came to.
pub(super) async fn remake(
    engine: &Arc<dyn Engine>,
    bare: &engine::Image,
    recipe: &Recipe,
    schema: &Value,
    shelf: Shelf,
) -> Result<(Layout, Image)> {
    let mut labels = bare.labels.clone();
    labels.extend(recipe.labels.clone());
    recipe.description.label(&mut labels, schema);
    let work = Work {
        engine: Arc::clone(engine),
        id: bare.id.clone(),
        added: instructions(&recipe.dockerfile),
        large: recipe.large.clone(),
        description: recipe.description.files(),
        made: Made { created: oci::moment(), labels },
    };
    match tokio::task::spawn_blocking(move || work.run(shelf)).await {
        Ok(result) => result,
        Err(error) => Err(engine::Error::Engine { reason: error.to_string() }.into()),
    }
}

struct Work {
    engine: Arc<dyn Engine>,
    id: String,
    added: usize,
    large: Vec<crate::context::archive::Entry>,
    description: Vec<crate::context::archive::Entry>,
    made: Made,
}

impl Work {
    fn run(self, mut shelf: Shelf) -> Result<(Layout, Image)> {
        let known = shelf.known.last.take().filter(|(id, document, _)| {
            *id == self.id && diff_ids(document).iter().all(|id| shelf.known.layers.contains_key(id))
        });
        let (document, base) = match known {
            Some((_, document, base)) => (document, base),
            None => self.take_out(&mut shelf)?,
        };
        let layout = &shelf.layout;
        let mut layers: Vec<Layer> =
            diff_ids(&document).iter().filter_map(|id| shelf.known.layers.get(id).cloned()).collect();
        // The large ones change less than what is compiled.
        let large = host::large_files(layout, self.large).map_err(host::Error::from)?;
        layers.splice(base..base, large);
        let description = layout.layer("what the model is made of", shelf.packing, self.description);
        layers.push(description.map_err(host::Error::from)?);
        let image = Image::remade(document.clone(), base, layers, &self.made);
        layout.name(&image).map_err(host::Error::from)?;
        shelf.known.last = Some((self.id, document, base));
        shelf.known.layers.retain(|_, layer| image.layers.contains(layer));
        shelf.note();
        Ok((shelf.layout, image))
    }

    /// Takes the image out of the engine; its configuration and how many of its layers are of its base.
    fn take_out(&self, shelf: &mut Shelf) -> Result<(Value, usize)> {
        let scratch = Scratch::new()?;
        let saved = save(&self.engine, &self.id, &scratch)?;
        let base = saved.base(self.added);
        let (layout, packing, known) = (&shelf.layout, shelf.packing, &shelf.known.layers);
        let ids = saved.diff_ids().into_iter().take(saved.len()).enumerate();
        let missing: Vec<_> = ids.filter(|(_, id)| !known.contains_key(id)).collect();
        let take = |(number, id): &(usize, String)| -> oci::Result<_> {
            let tar = saved.layer(*number)?;
            let layer = if *number < base {
                layout.foreign("the base image", packing, tar)?
            } else {
                layout.engines("a step of the build", packing, tar)?
            };
            Ok((id.clone(), layer))
        };
        let taken = side_by_side(&missing, |_| 0, take).map_err(host::Error::from)?;
        shelf.known.layers.extend(taken);
        Ok((saved.document.clone(), base))
    }
}

/// Takes an image out of the engine. Nothing of it is held in memory.
fn save(engine: &Arc<dyn Engine>, id: &str, scratch: &Scratch) -> Result<Saved> {
    let (reader, mut writer) = std::io::pipe().map_err(engine::Error::Context)?;
    let (engine, id) = (Arc::clone(engine), id.to_owned());
    let giver = std::thread::spawn(move || engine.save(&id, &mut writer));
    let saved = Saved::unpack(reader, scratch.path());
    let given = giver.join().unwrap_or_else(|_| {
        Err(engine::Error::Engine { reason: "a thread ended before its work".to_owned() })
    });
    match (saved, given) {
        (Ok(saved), Ok(())) => Ok(saved),
        // Of an archive that broke off, the one who broke it off knows more than its reader.
        (
            Err(_),
            Err(
                error @ (engine::Error::Engine { .. }
                | engine::Error::Unreachable { .. }
                | engine::Error::Lost { .. }),
            ),
        ) => Err(error.into()),
        (Err(error), _) => Err(Error::Host(error.into())),
        (Ok(_), Err(error)) => Err(error.into()),
    }
}

fn diff_ids(document: &Value) -> Vec<String> {
    let ids = document["rootfs"]["diff_ids"].as_array().into_iter().flatten();
    ids.filter_map(|id| id.as_str().map(ToOwned::to_owned)).collect()
}

/// How many instructions the last stage has besides its `FROM`: as many entries its history has of its own.
fn instructions(dockerfile: &str) -> usize {
    let mut count = 0;
    let mut continued = false;
    for line in dockerfile.lines().map(str::trim_end) {
        let begins = !continued && line.starts_with(|letter: char| letter.is_ascii_uppercase());
        match begins.then(|| line.starts_with("FROM ")) {
            Some(true) => count = 0,
            Some(false) => count += 1,
            None => {}
        }
        continued = line.ends_with('\\');
    }
    count
}

#[cfg(test)]
mod tests {
    use super::instructions;

    #[test]
    fn instructions_are_those_of_the_last_stage() {
        let text =
            "# Made by\nFROM a AS b\nRUN x\nFROM scratch\nENV A=b\nRUN one \\\n && TWO \\\nTHREE\nUSER 1\n";
        assert_eq!(instructions(text), 3);
        assert_eq!(instructions("FROM a"), 0);
    }
}
