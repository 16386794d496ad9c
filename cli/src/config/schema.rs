//! The JSON Schema of `cog.yaml`, by which editors complete and check it.
//!
//! Made from the same names and patterns that [`super::parse`] checks. What a schema cannot say (two weights of one
//! name, a CUDA that does not compile for a GPU) is left to `parse`; `docs/cog.schema.json` is a copy for who has no
//! `cog`.

use serde_json::{Map, Value, json};

use super::{build, environment, weights};
use crate::cuda;

/// The schema, of draft 7, which is what editors know.
pub fn document() -> Value {
    let both = |one: &str, other: &str| json!({"not": {"required": [one, other], "properties": {one: {"type": "string"}, other: {"type": "string"}}}});
    let mut document = object(root(), &[]);
    document["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    document["title"] = json!("cog.yaml");
    document["description"] =
        json!("How the image of a model is made. An empty file will do for a CPU model.");
    document["allOf"] = json!([
        both("image", "model"),
        both("predict", "run"),
        {
            "if": {"required": ["weights"], "properties": {"weights": {"type": "array"}}},
            "then": {"required": ["model"]},
        },
    ]);
    document
}

/// A key and what may stand after it.
type Key = (&'static str, Value);

fn root() -> Vec<Key> {
    vec![
        ("build", described("How the image is made.", object(build_section(), &[]))),
        (
            "image",
            described(
                "Name of the image, for `cog build` without `-t` and `cog push` without a name. Not together with \
                 `model`.",
                json!({"type": "string", "pattern": IMAGE, "examples": ["registry.example.com/me/name"]}),
            ),
        ),
        (
            "model",
            described(
                "Repository of the model, without tag or digest: `cog push` sends image and index there, \
                 `cog weights import` the weights. Not together with `image`.",
                json!({"type": "string", "pattern": REPOSITORY, "examples": ["registry.example.com/me/name"]}),
            ),
        ),
        (
            "predict",
            predictor("Where the predictor is, `FILE:NAME`. Optional: the binary knows its predictor."),
        ),
        ("run", predictor("Another spelling of `predict`.")),
        (
            "concurrency",
            described("How many predictions run at once.", object(vec![("max", maximum())], &["max"])),
        ),
        (
            "environment",
            described(
                "Variables of the image, each `NAME=value`.",
                json!({"type": "array", "items": {"type": "string", "pattern": VARIABLE, "not": {"pattern": reserved()}}}),
            ),
        ),
        (
            "weights",
            described(
                "Files that the model loads, for `cog weights`. Needs `model`.",
                list(object(weight(), &["name", "target", "source"])),
            ),
        ),
    ]
}

fn build_section() -> Vec<Key> {
    let versions = cuda::versions();
    vec![
        (
            "gpu",
            described(
                "Whether the model runs on an NVIDIA GPU; `required`: and nowhere else.",
                json!({"enum": [true, false, build::REQUIRED], "default": false}),
            ),
        ),
        (
            "cuda",
            described(
                "CUDA version, `major.minor`. Without it, what `Cargo.lock` asks for.",
                json!({"anyOf": [
                    {"type": "string", "enum": versions},
                    {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
                    {"type": "number", "enum": versions.iter().filter_map(|text| text.parse::<f64>().ok()).collect::<Vec<_>>()},
                ], "examples": ["13.0"]}),
            ),
        ),
        (
            "cudnn",
            described(
                "Major version of cuDNN. Without it, that of the CUDA image.",
                json!({"type": ["string", "integer"], "pattern": "^[0-9]+$", "examples": ["9"]}),
            ),
        ),
        (
            "cuda_architectures",
            described(
                "GPUs to compile for, by compute capability.",
                set(
                    json!({"type": ["string", "number"], "pattern": r"^[1-9][0-9]?\.[0-9]$", "examples": ["8.0"]}),
                ),
            ),
        ),
        (
            "system_packages",
            described(
                "Debian or Ubuntu packages that the model needs to compile or to run.",
                set(json!({"type": "string", "pattern": build::PACKAGE})),
            ),
        ),
        (
            "run",
            described(
                "Commands run in the image, after its packages. Each is one line, alone or with secrets that exist \
                 only while it runs.",
                list(json!({"anyOf": [command(), object(step(), &["command"])]})),
            ),
        ),
        (
            "rust_version",
            described(
                "Rust to compile with. Without it, what `rust-toolchain.toml` or the package says.",
                json!({"type": ["string", "number"], "pattern": r"^[0-9]+\.[0-9]+(\.[0-9]+)?$", "examples": ["1.95"]}),
            ),
        ),
        (
            "features",
            described(
                "Cargo features to switch on.",
                set(json!({"type": "string", "pattern": build::FEATURE})),
            ),
        ),
        (
            "default_features",
            described("Whether the default features stay on.", json!({"type": "boolean", "default": true})),
        ),
        ("package", described("Member of the workspace that is the model.", text())),
        ("bin", described("Binary target that is the model.", text())),
    ]
}

fn step() -> Vec<Key> {
    vec![
        ("command", described("Shell command, one line.", command())),
        ("mounts", described("Secrets visible to this command only.", list(object(mount(), build::MOUNT)))),
    ]
}

fn mount() -> Vec<Key> {
    vec![
        ("type", described("Kind of mount.", json!({"type": "string", "enum": ["secret"]}))),
        (
            "id",
            described(
                "Name by which `cog build --secret id=ID,src=FILE` gives it.",
                json!({"type": "string", "pattern": "^[A-Za-z0-9._-]+$"}),
            ),
        ),
        (
            "target",
            described(
                "Absolute path at which the command finds it.",
                json!({"type": "string", "pattern": r#"^/[^, "'\n$\\]*$"#, "examples": ["/run/secrets/token"]}),
            ),
        ),
    ]
}

fn weight() -> Vec<Key> {
    let source = object(source(), &["uri"]);
    vec![
        ("name", described("Name, unique in the file.", json!({"type": "string", "pattern": weights::NAME}))),
        (
            "target",
            described(
                "Absolute directory in the container, apart from every other target.",
                json!({"type": "string", "pattern": "^/.*[^/]", "examples": ["/weights/net"]}),
            ),
        ),
        (
            "source",
            described(
                "Where the files come from: one source, or several of which later ones override earlier ones.",
                json!({"anyOf": [source, {"type": "array", "items": source, "minItems": 1}]}),
            ),
        ),
    ]
}

fn source() -> Vec<Key> {
    let patterns = set(json!({"type": "string", "pattern": r"^\s*[^\s!\\][^\\]*$"}));
    vec![
        ("uri", described("Path or URL.", text())),
        ("include", described("Patterns that admit files; none admits all.", patterns.clone())),
        ("exclude", described("Patterns that drop files, stronger than `include`.", patterns)),
    ]
}

const IMAGE: &str = "^(?!.*://)[^A-Z/@\\s][^@\\s]*(@sha256:[0-9a-f]{64})?$";
const REPOSITORY: &str = "^([^/@\\s]+/)?([a-z0-9._-]+/)*[a-z0-9._-]+$";
const VARIABLE: &str = "^[A-Za-z_][A-Za-z0-9_]*=[^\\n\\r]*$";

/// Variables that the image or the platform sets itself.
fn reserved() -> String {
    format!("^(({})=|{})", environment::RESERVED.join("|"), environment::RESERVED_PREFIXES.join("|"))
}

fn predictor(description: &str) -> Value {
    let pattern = r"^[^/].*\.rs:[A-Za-z_][A-Za-z0-9_]*$";
    described(
        description,
        json!({"type": "string", "pattern": pattern, "examples": ["src/main.rs:Upscaler"]}),
    )
}

fn maximum() -> Value {
    described("Predictions that run at once.", json!({"type": "integer", "minimum": 1, "maximum": u32::MAX}))
}

fn text() -> Value {
    json!({"type": "string", "pattern": r"\S"})
}

fn command() -> Value {
    json!({"type": "string", "pattern": r"^\s*\S[^\n\r]*\s*$"})
}

/// A list that has nothing twice.
fn set(items: Value) -> Value {
    let mut set = list(items);
    set["uniqueItems"] = json!(true);
    set
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn described(description: &str, mut schema: Value) -> Value {
    schema["description"] = json!(description);
    schema
}

/// A mapping with these keys and no others. A key that is not required may have nothing after it.
fn object(keys: Vec<Key>, required: &[&str]) -> Value {
    let properties: Map<String, Value> = keys
        .into_iter()
        .map(|(name, schema)| {
            (name.to_owned(), if required.contains(&name) { schema } else { optional(schema) })
        })
        .collect();
    let mut object = json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

/// The same schema, which admits nothing, too.
fn optional(mut schema: Value) -> Value {
    if let Some(one @ Value::String(_)) = schema.get("type").cloned() {
        schema["type"] = json!([one, "null"]);
    } else if let Some(Value::Array(several)) = schema.get_mut("type") {
        several.push(json!("null"));
    }
    if let Some(Value::Array(choices)) = schema.get_mut("enum") {
        choices.push(Value::Null);
    } else if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.push(json!({"type": "null"}));
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::super::keys;
    use super::*;

    #[test]
    fn it_has_every_key_that_the_parser_knows_and_no_other() {
        for (section, known) in [
            (root(), keys::KEYS),
            (vec![("max", maximum())], keys::CONCURRENCY),
            (build_section(), build::KEYS),
            (step(), build::STEP),
            (mount(), build::MOUNT),
            (weight(), weights::KEYS),
            (source(), weights::SOURCE),
        ] {
            let mut names: Vec<&str> = section.iter().map(|(name, _)| *name).collect();
            let mut known = known.to_vec();
            names.sort_unstable();
            known.sort_unstable();
            assert_eq!(names, known);
            for (name, schema) in section {
                assert!(schema["description"].is_string(), "`{name}` has no description");
                assert!(
                    ["type", "enum", "anyOf"].iter().any(|word| !schema[word].is_null()),
                    "`{name}` has no type"
                );
            }
        }
    }

    #[test]
    fn the_copy_in_the_documentation_is_the_same() -> Result<(), serde_json::Error> {
        let copy: Value = serde_json::from_str(include_str!("../../../docs/cog.schema.json"))?;
        assert_eq!(
            copy,
            document(),
            "stale: write it anew with `cog schema --config > docs/cog.schema.json`"
        );
        Ok(())
    }
}
