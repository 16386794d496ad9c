//! An image in a registry or a directory: manifests and blobs by digest.

use std::io::Read;
use std::path::Path;

use crate::digest::digest;
use flate2::read::GzDecoder;
use serde_json::Value;

use super::{Error, Inspected, Layer, Result, Weight, about, split};
use crate::build::{SCHEMA_LABEL, schema_is_a_file};
use crate::plan::SCHEMA;
use crate::registry::{Manifest, Registry};

/// Bytes that a configuration may have.
const LONGEST_CONFIG: u64 = 16 << 20;
/// Bytes of a layer that is searched for a schema.
const SEARCHED: u64 = 128 << 20;
/// What weights are in an index.
const WEIGHT: &str = "application/vnd.cog.weight.v1";

/// Where manifests and blobs are.
#[derive(Debug)]
pub enum Store<'a> {
    /// A repository of a registry.
    Registry(&'a Registry),
    /// A directory in the OCI image layout.
    Directory(&'a Path),
}

impl Store<'_> {
    fn place(&self) -> &'static str {
        match self {
            Self::Registry(_) => "registry",
            Self::Directory(_) => "directory",
        }
    }

    async fn manifest(&self, name: &str) -> Result<Option<Manifest>> {
        match self {
            Self::Registry(registry) => Ok(registry.manifest(name).await?),
            Self::Directory(directory) => {
                let path = match name.strip_prefix("sha256:") {
                    Some(hex) => directory.join("blobs/sha256").join(hex),
                    None => directory.join("index.json"),
                };
                let bytes = std::fs::read(&path).map_err(|source| Error::Read { path, source })?;
                let digest = digest(&bytes);
                Ok(Some(Manifest { bytes, media_type: String::new(), digest }))
            }
        }
    }

    async fn blob(&self, name: &str, most: u64) -> Result<Vec<u8>> {
        match self {
            Self::Registry(registry) => Ok(registry.blob(name, most).await?),
            Self::Directory(directory) => {
                let path = directory.join("blobs/sha256").join(name.trim_start_matches("sha256:"));
                let bytes =
                    std::fs::read(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
                if digest(&bytes) == name {
                    return Ok(bytes);
                }
                Err(Error::NoImage {
                    name: path.display().to_string(),
                    reason: "its digest is another".to_owned(),
                })
            }
        }
    }
}

/// The image that `tag` (or a digest) stands for in `store`; `name` is what a user calls it.
///
/// # Errors
/// A place that cannot be read, an image that is not there, a document that is none.
pub async fn of_store(store: &Store<'_>, name: &str, tag: &str) -> Result<Inspected> {
    let wrong = |reason: String| Error::NoImage { name: name.to_owned(), reason };
    let parse = |bytes: &[u8]| {
        serde_json::from_slice::<Value>(bytes)
            .map_err(|error| wrong(format!("a document is no JSON: {error}")))
    };
    let found = store.manifest(tag).await?.ok_or_else(|| Error::Nowhere(name.to_owned()))?;
    let mut manifest = parse(&found.bytes)?;
    let (mut digest, mut index, mut weights) = (found.digest, None, Vec::new());
    if let Some(members) = manifest["manifests"].as_array() {
        weights = members.iter().filter_map(weight).collect();
        let image = image(members).ok_or_else(|| wrong("its index names no image".to_owned()))?;
        let found = store.manifest(image).await?.ok_or_else(|| Error::Nowhere(format!("{name}@{image}")))?;
        // A directory has an index of its own in any case.
        index = matches!(store, Store::Registry(_)).then_some(digest);
        manifest = parse(&found.bytes)?;
        digest = found.digest;
    }
    let id =
        manifest["config"]["digest"].as_str().ok_or_else(|| wrong("it has no configuration".to_owned()))?;
    let config = parse(&store.blob(id, LONGEST_CONFIG).await?)?;
    let layers = layers(&manifest, &config);
    let labels = config["config"]["Labels"].as_object().into_iter().flatten();
    let labels = labels.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let (labels, mut schema) = split(labels.collect());
    if schema.is_none() && schema_is_a_file(&labels) {
        schema = search(store, &layers, labels.get(&format!("{SCHEMA_LABEL}_digest"))).await?;
    }
    let word = |field: &str| config[field].as_str().unwrap_or("unknown");
    Ok(Inspected {
        name: name.to_owned(),
        place: store.place(),
        id: id.to_owned(),
        digest: Some(digest),
        index,
        platform: format!("{}/{}", word("os"), word("architecture")),
        created: config["created"].as_str().map(str::to_owned),
        size: layers.iter().map(|layer| layer.size).sum(),
        layers,
        weights,
        labels,
        schema,
    })
}

/// The schema of the image that `tag` stands for, as far as there is one.
///
/// # Errors
/// A registry that gives up; an image that is none of this program's is no error.
pub async fn schema_of(registry: &Registry, tag: &str) -> Result<Option<Value>> {
    match of_store(&Store::Registry(registry), tag, tag).await {
        Ok(image) => Ok(image.schema),
        Err(Error::Nowhere(_) | Error::NoImage { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The digest of an index's image for this machine, else of its first.
fn image(members: &[Value]) -> Option<&str> {
    let mut images = members.iter().filter(|member| {
        member["artifactType"].as_str().is_none_or(str::is_empty) && member["platform"]["os"] != "unknown"
    });
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    };
    let own = images.clone().find(|member| member["platform"]["architecture"] == architecture);
    own.or_else(|| images.next())?["digest"].as_str()
}

fn weight(member: &Value) -> Option<Weight> {
    if member["artifactType"] != WEIGHT {
        return None;
    }
    let said = |name: &str| member["annotations"][name].as_str();
    Some(Weight {
        name: said("run.cog.weight.name").unwrap_or("unnamed").to_owned(),
        digest: member["digest"].as_str()?.to_owned(),
        size: said("run.cog.weight.size.uncompressed").and_then(|size| size.parse().ok()),
    })
}

fn layers(manifest: &Value, config: &Value) -> Vec<Layer> {
    let history = config["history"].as_array().into_iter().flatten();
    let mut words = history
        .filter(|entry| entry["empty_layer"] != Value::Bool(true))
        .map(|entry| about(entry["created_by"].as_str().unwrap_or_default()));
    let layers = manifest["layers"].as_array().into_iter().flatten();
    layers
        .map(|layer| Layer {
            digest: layer["digest"].as_str().map(str::to_owned),
            size: layer["size"].as_u64().unwrap_or(0),
            about: words.next().unwrap_or_default(),
        })
        .collect()
}

/// Looks for a schema in the layers, from the topmost down, that are not too large to be fetched for that.
async fn search(store: &Store<'_>, layers: &[Layer], wanted: Option<&String>) -> Result<Option<Value>> {
    for layer in layers.iter().rev().filter(|layer| layer.size <= SEARCHED) {
        let Some(name) = &layer.digest else { continue };
        let Some(text) = file_of(&store.blob(name, SEARCHED).await?) else { continue };
        if wanted.is_none_or(|wanted| *wanted == digest(&text)) {
            return Ok(serde_json::from_slice(&text).ok());
        }
    }
    Ok(None)
}

fn file_of(layer: &[u8]) -> Option<Vec<u8>> {
    let packed = layer.starts_with(&[0x1f, 0x8b]);
    let tar: Box<dyn Read> = if packed { Box::new(GzDecoder::new(layer)) } else { Box::new(layer) };
    let mut archive = tar::Archive::new(tar);
    for entry in archive.entries().ok()? {
        let mut entry = entry.ok()?;
        let path = entry.path().ok()?.into_owned();
        if path.strip_prefix("./").unwrap_or(&path) == Path::new(SCHEMA.trim_start_matches('/')) {
            let mut text = Vec::new();
            entry.read_to_end(&mut text).ok()?;
            return Some(text);
        }
    }
    None
}
