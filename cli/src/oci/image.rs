//! A configuration and a manifest: what makes an image of layers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Layer;
use crate::context::archive;
use crate::digest::digest;

/// Media types of the OCI image specification, 1.1.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// How an image is run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// `amd64`, `arm64`, ….
    pub architecture: String,
    /// The moment the image claims to be of.
    pub created: Timestamp,
    /// `NAME=value`, in order.
    pub env: Vec<String>,
    /// Program and first arguments.
    pub entrypoint: Vec<String>,
    /// Directory it starts in.
    pub working_directory: String,
    /// `USER:GROUP`.
    pub user: String,
    /// Port it listens on.
    pub port: u16,
    /// Signal that asks it to end.
    pub stop_signal: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// What is known of an image besides what is in it.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// The moment the image claims to be of.
    pub created: Timestamp,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// An image: the two documents that refer to its layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The configuration, as bytes.
    pub config: Vec<u8>,
    /// The manifest, as bytes.
    pub manifest: Vec<u8>,
    /// The layers, lowest first.
    pub layers: Vec<Layer>,
}

impl Image {
    /// An image of these layers, lowest first.
    pub fn new(config: &Config, layers: Vec<Layer>) -> Self {
        let created = config.created.to_string();
        let history: Vec<Value> =
            layers.iter().map(|layer| entry(layer, &Value::String(created.clone()))).collect();
        let document = json!({
            "architecture": config.architecture,
            "os": "linux",
            "created": created,
            "config": {
                "User": config.user,
                "ExposedPorts": { format!("{}/tcp", config.port): {} },
                "Env": config.env,
                "Entrypoint": config.entrypoint,
                "WorkingDir": config.working_directory,
                "Labels": config.labels,
                "StopSignal": config.stop_signal,
            },
            "rootfs": {
                "type": "layers",
                "diff_ids": layers.iter().map(|layer| layer.diff_id.as_str()).collect::<Vec<_>>(),
            },
            "history": history,
        });
        Self::of(&document, layers)
    }

    /// An image of these layers, lowest first, with `document` as its configuration, which names them already.
    fn of(document: &Value, layers: Vec<Layer>) -> Self {
        let config = document.to_string().into_bytes();
        let layer = |layer: &Layer| json!({ "mediaType": layer.packing.media_type(), "digest": layer.digest, "size": layer.size });
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": { "mediaType": CONFIG, "digest": digest(&config), "size": config.len() },
            "layers": layers.iter().map(layer).collect::<Vec<_>>(),
        });
        Self { manifest: manifest.to_string().into_bytes(), config, layers }
    }

    /// An image that an engine made of `document`, its configuration, with these layers in place of its own, and with
    /// these labels. `base` is how many of its layers are of the image it starts from. Of when and how it was made
    /// nothing remains: the same layers give the same image.
    pub fn remade(mut document: Value, base: usize, layers: Vec<Layer>, made: &Made) -> Self {
        let created = Value::String(made.created.to_string());
        let known = document["history"].as_array().cloned().unwrap_or_default();
        let mut history: Vec<Value> = Vec::new();
        let mut below = base;
        for entry in known {
            let empty = entry["empty_layer"] == Value::Bool(true);
            if below == 0 {
                break;
            }
            below -= usize::from(!empty);
            history.push(entry);
        }
        history.extend(layers.iter().skip(base).map(|layer| entry(layer, &created)));
        let mut config = document["config"].take();
        if let Some(config) = config.as_object_mut() {
            config.insert("Labels".to_owned(), json!(made.labels));
            // Where an engine notes the image that this one was made of, by an id of its own.
            config.remove("Image");
        }
        let mut kept = Map::new();
        for name in ["architecture", "os", "variant"] {
            if let Some(value) = document.get(name).filter(|value| !value.is_null()) {
                kept.insert(name.to_owned(), value.clone());
            }
        }
        let diff_ids: Vec<&str> = layers.iter().map(|layer| layer.diff_id.as_str()).collect();
        kept.insert("created".to_owned(), created);
        kept.insert("config".to_owned(), config);
        kept.insert("rootfs".to_owned(), json!({ "type": "layers", "diff_ids": diff_ids }));
        kept.insert("history".to_owned(), Value::Array(history));
        Self::of(&Value::Object(kept), layers)
    }

    /// The digest of its configuration, `sha256:…`, which engines call the image's id.
    pub fn id(&self) -> String {
        digest(&self.config)
    }

    /// The digest of its manifest, `sha256:…`, by which a registry knows it.
    pub fn digest(&self) -> String {
        digest(&self.manifest)
    }
}

/// The moment an image says it is of: `SOURCE_DATE_EPOCH`, else that of all its files, for a clock would make two
/// builds of one source two images.
pub fn moment() -> Timestamp {
    let told = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    let seconds = told.unwrap_or(i64::try_from(archive::TIME).unwrap_or_default());
    Timestamp::from_second(seconds).unwrap_or_default()
}

/// What a configuration's history says of a layer.
fn entry(layer: &Layer, created: &Value) -> Value {
    json!({ "created": created, "created_by": format!("cog: {}", layer.about) })
}
