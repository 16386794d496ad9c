//! The top level of `cog.yaml`.

use super::reader::Reader;
use super::yaml::{Node, Value};
use super::{Concurrency, Config, build, environment, reference, weights};

pub(super) const KEYS: &[&str] =
    &["build", "image", "model", "predict", "run", "concurrency", "environment", "weights"];
/// Where each key that is easily put elsewhere belongs: a mapping's path, its keys, how to get there.
const HOMES: &[(&str, &[&str], &str)] = &[
    ("", KEYS, "move it to the top level, without indentation"),
    ("build", build::KEYS, "move it under `build:`"),
    ("concurrency", CONCURRENCY, "move it under `concurrency:`"),
    ("weights[].source", weights::SOURCE, "move it under `source:`"),
];
pub(super) const CONCURRENCY: &[&str] = &["max"];
const PYTHON: &[(&str, &str)] = &[(
    "train",
    "the model itself says that it can be trained, by `cog::main_with_training`; take the key out",
)];

/// Reads a whole file.
pub(super) fn config(reader: &mut Reader, root: &Node) -> Config {
    let foreign = [PYTHON, build::PYTHON].concat();
    let fields = reader.mapping(root, "", KEYS, &foreign);
    let mut config = Config::default();
    if let Some(node) = fields.get("build") {
        config.build = build::build(reader, node);
    }
    if let Some(node) = fields.get("image") {
        config.image = reference::image(reader, node);
    }
    if let Some((key, node)) = fields.key("model") {
        config.model = reference::repository(reader, node);
        if fields.get("image").is_some() {
            reader.fault(
                key,
                "both `image` and `model` are set",
                "keep `model` if weights are pushed with the image, else `image`",
            );
        }
    }
    if let Some(node) = fields.get("predict") {
        config.predict = reference::predictor(reader, node, "predict");
    }
    if let Some((key, node)) = fields.key("run") {
        let predictor = reference::predictor(reader, node, "run");
        if fields.get("predict").is_some() {
            reader.fault(key, "both `predict` and `run` are set, and they mean the same", "keep `predict`");
        } else {
            config.predict = predictor;
        }
    }
    if let Some(node) = fields.get("concurrency") {
        config.concurrency = concurrency(reader, node);
    }
    if let Some(node) = fields.get("environment") {
        config.environment = environment::environment(reader, node);
    }
    if let Some((key, node)) = fields.key("weights") {
        config.weights = weights::weights(reader, node);
        if fields.get("model").is_none() {
            let hint = if fields.get("image").is_some() {
                "rename `image` to `model`"
            } else {
                "add `model: registry.example.com/me/name`, the repository that the weights are pushed to"
            };
            reader.fault(key, "`weights` need `model`", hint);
        }
    }
    config
}

/// What to do with a key that is unknown in the mapping at `path`, but known in another.
pub(super) fn home(name: &str, path: &str) -> Option<String> {
    let places = HOMES.iter().filter(|(home, keys, _)| *home != path && keys.contains(&name));
    places.map(|(_, _, advice)| (*advice).to_owned()).next()
}

fn concurrency(reader: &mut Reader, node: &Node) -> Option<Concurrency> {
    let before = reader.count_faults();
    if matches!(node.value, Value::Number) {
        let hint = format!("write `concurrency: {{max: {}}}`", node.raw);
        reader.fault(node, "`concurrency` must be a mapping, but is a number", hint);
        return None;
    }
    let fields = reader.mapping(node, "concurrency", CONCURRENCY, &[]);
    let Some(max) = fields.get("max") else {
        if reader.count_faults() == before {
            reader.fault(
                node,
                "`concurrency` needs `max`",
                "write `max: 4`, the number of predictions that run at once",
            );
        }
        return None;
    };
    reader.count(max, "concurrency.max").map(|max| Concurrency { max })
}
