//! What the engine's last build of a project came to, so that one of the same is not put together again.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Recipe;
use crate::context::archive::Content;
use crate::digest;
use crate::engine::Image;
use crate::oci;
use crate::stamp::stamp;

/// All that has a say in an image, as a digest.
#[derive(Debug)]
pub(super) struct Memory {
    made_of: String,
}

#[derive(Serialize, Deserialize)]
struct Record {
    made_of: String,
    image: String,
}

impl Memory {
    /// What an image is made of when `recipe` came to `bare`.
    pub(super) fn of(bare: &Image, recipe: &Recipe) -> Self {
        let large: Vec<_> = recipe
            .large
            .iter()
            .map(|entry| {
                let stat = match &entry.content {
                    Content::File { source, .. } => std::fs::metadata(source).ok(),
                    _ => None,
                };
                json!([entry.path, stat.as_ref().map(stamp)])
            })
            .collect();
        let all = json!([
            env!("CARGO_PKG_VERSION"),
            oci::moment().to_string(),
            bare.layers,
            bare.config,
            bare.labels,
            recipe.labels,
            recipe.description.fingerprint(),
            large,
        ]);
        Self { made_of: digest::name_for(all.to_string().as_bytes()) }
    }

    /// The id of the image that was made of the same last.
    pub(super) fn recall(&self, project: &Path) -> Option<String> {
        let record: Record = serde_json::from_slice(&std::fs::read(file(project)).ok()?).ok()?;
        (record.made_of == self.made_of).then_some(record.image)
    }

    /// Notes what came of it. What is not noted is only made again.
    pub(super) fn keep(&self, project: &Path, image: &str) {
        let record = Record { made_of: self.made_of.clone(), image: image.to_owned() };
        if let Ok(text) = serde_json::to_vec(&record) {
            let _unwritten = std::fs::write(file(project), text);
        }
    }
}

fn file(project: &Path) -> PathBuf {
    project.join(".cog").join("built.json")
}
