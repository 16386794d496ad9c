//! The `build:` section.

use regex::Regex;

use super::reader::Reader;
use super::yaml::{Node, Value};
use super::{Build, RunStep, SecretMount};
use crate::cuda::{self, Architecture, Version};

const KEYS: &[&str] = &[
    "gpu",
    "cuda",
    "cudnn",
    "cuda_architectures",
    "system_packages",
    "run",
    "rust_version",
    "features",
    "default_features",
    "package",
    "bin",
];
const DEPENDENCIES: &str = "a Rust model names its dependencies in `Cargo.toml`; take the key out";
const PYTHON: &[(&str, &str)] = &[
    (
        "python_version",
        "a Rust model has `rust_version: \"1.95\"`, or a `rust-toolchain.toml`; take the key out",
    ),
    ("python_packages", DEPENDENCIES),
    ("python_requirements", DEPENDENCIES),
    ("pre_install", "put the commands into `build.run`"),
    ("sdk_version", "a Rust model pins the `cog` crate in `Cargo.toml`; take the key out"),
];
/// The oldest Rust that compiles the `cog` crate.
const OLDEST_RUST: (u32, u32) = (1, 95);

/// Reads the section.
pub(super) fn build(reader: &mut Reader, node: &Node) -> Build {
    let fields = reader.mapping(node, "build", KEYS, PYTHON);
    let mut build = Build::default();
    if let Some(node) = fields.get("gpu") {
        build.gpu_required = matches!(&node.value, Value::Text(text) if text == "required");
        build.gpu = build.gpu_required || reader.boolean(node, "build.gpu").unwrap_or_default();
    }
    let cuda = fields.get("cuda").and_then(|node| cuda_version(reader, node));
    build.cuda = cuda.map(|version| version.to_string());
    build.cudnn = fields.get("cudnn").and_then(|node| cudnn(reader, node));
    if let (Some(version), Some(node)) = (cuda, fields.get("cuda")) {
        match cuda::find(&version, build.cudnn.as_deref()) {
            Ok(_) => {}
            Err(error @ cuda::Unsupported::Cuda { .. }) => {
                reader.fault(node, error.to_string(), error.hint())
            }
            Err(error) => reader.fault(fields.get("cudnn").unwrap_or(node), error.to_string(), error.hint()),
        }
    }
    if let Some(node) = fields.get("cuda_architectures") {
        build.cuda_architectures = architectures(reader, node);
    }
    if let Some(node) = fields.get("system_packages") {
        build.system_packages = reader.texts(node, "build.system_packages", "`[libgl1]`", package);
    }
    if let Some(node) = fields.get("run") {
        build.run = run(reader, node);
    }
    build.rust_version = fields.get("rust_version").and_then(|node| rust_version(reader, node));
    if let Some(node) = fields.get("features") {
        build.features = reader.texts(node, "build.features", "`[cuda]`", feature);
    }
    if let Some(node) = fields.get("default_features") {
        build.default_features = reader.boolean(node, "build.default_features").unwrap_or(true);
    }
    build.package =
        fields.get("package").and_then(|node| reader.text(node, "build.package", "`package: my-model`"));
    build.bin = fields.get("bin").and_then(|node| reader.text(node, "build.bin", "`bin: my-model`"));
    build
}

fn cuda_version(reader: &mut Reader, node: &Node) -> Option<Version> {
    let text = reader.version(node, "build.cuda", "`cuda: \"13.0\"`")?;
    let Ok(version) = text.parse::<Version>() else {
        let hint = match text.parse::<u16>() {
            Ok(major) => format!("write major and minor version, like `\"{major}.0\"`"),
            Err(_) => "write major and minor version, like `\"13.0\"`".into(),
        };
        reader.fault(node, format!("`{text}` is not a CUDA version"), hint);
        return None;
    };
    Some(version)
}

fn architectures(reader: &mut Reader, node: &Node) -> Vec<Architecture> {
    let path = "build.cuda_architectures";
    let mut architectures = Vec::new();
    for (index, item) in reader.list(node, path, "`[\"8.0\"]`").iter().enumerate() {
        let Some(text) = reader.version(item, &format!("{path}[{index}]"), "`\"8.0\"`") else { continue };
        match text.parse::<Architecture>() {
            Ok(architecture) if architectures.contains(&architecture) => {
                reader.fault(item, format!("`{text}` is in `{path}` twice"), "keep one of the two");
            }
            Ok(architecture) => architectures.push(architecture),
            Err(error) => reader.fault(
                item,
                error.to_string(),
                "write the compute capability as NVIDIA does, like `\"8.0\"`; \
                 `nvidia-smi --query-gpu=compute_cap --format=csv` prints a GPU's",
            ),
        }
    }
    architectures.sort_unstable();
    architectures
}

fn cudnn(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.version(node, "build.cudnn", "`cudnn: \"9\"`")?;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text);
    }
    let major = text.split('.').next().filter(|major| major.parse::<u16>().is_ok()).unwrap_or("9");
    reader.fault(
        node,
        format!("`{text}` is not a cuDNN version"),
        format!("write the major version only: `\"{major}\"`"),
    );
    None
}

fn rust_version(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.version(node, "build.rust_version", "`rust_version: \"1.95\"`")?;
    let numbers: Option<Vec<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
    let (oldest_major, oldest_minor) = OLDEST_RUST;
    let hint = format!("write a released version, like `\"{oldest_major}.{oldest_minor}\"`");
    match numbers.as_deref() {
        Some([major, minor] | [major, minor, _]) if (*major, *minor) >= OLDEST_RUST => Some(text),
        Some([_, _] | [_, _, _]) => {
            reader.fault(node, format!("Rust {text} is too old for the `cog` crate"), hint);
            None
        }
        _ => {
            reader.fault(node, format!("`{text}` is not a Rust version"), hint);
            None
        }
    }
}

fn package(text: &str) -> Result<(), (String, String)> {
    let pattern = r"^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[A-Za-z0-9.+:~-]+)?$";
    if Regex::new(pattern).is_ok_and(|regex| regex.is_match(text)) {
        return Ok(());
    }
    let hint = if text.split_whitespace().count() > 1 {
        "write one package per item"
    } else {
        "write the name of a Debian or Ubuntu package, like `libgl1` or `libgl1=1.6.0-1`"
    };
    Err((format!("`{}` is not a package", text.escape_debug()), hint.into()))
}

fn feature(text: &str) -> Result<(), (String, String)> {
    if Regex::new(r"^[\w][\w+.-]*(/[\w][\w+.-]*)?$").is_ok_and(|regex| regex.is_match(text)) {
        return Ok(());
    }
    Err((
        format!("`{}` is not a Cargo feature", text.escape_debug()),
        "write one feature per item, like `[cuda]`".into(),
    ))
}

fn run(reader: &mut Reader, node: &Node) -> Vec<RunStep> {
    let items = reader.list(node, "build.run", "`- echo hello`");
    items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| step(reader, item, &format!("build.run[{index}]")))
        .collect()
}

fn step(reader: &mut Reader, node: &Node, path: &str) -> Option<RunStep> {
    let Value::Map(_) = node.value else {
        return Some(RunStep { command: command(reader, node, path)?, mounts: Vec::new() });
    };
    let fields = reader.mapping(node, path, &["command", "mounts"], &[]);
    let mounts = fields.get("mounts").map_or_else(Vec::new, |node| {
        let path = format!("{path}.mounts");
        let items = reader.list(node, &path, "`- {type: secret, id: token, target: /run/secrets/token}`");
        items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| mount(reader, item, &format!("{path}[{index}]")))
            .collect()
    });
    let Some(text) = fields.get("command") else {
        reader.fault(node, format!("`{path}` needs `command`"), "add `command: echo hello`");
        return None;
    };
    Some(RunStep { command: command(reader, text, &format!("{path}.command"))?, mounts })
}

fn command(reader: &mut Reader, node: &Node, path: &str) -> Option<String> {
    let text = reader.text(node, path, "a command, like `apt-get --version`")?;
    let trimmed = text.trim();
    if trimmed.contains(['\n', '\r']) {
        let first = trimmed.lines().next().unwrap_or_default();
        reader.fault(
            node,
            format!("`{path}` has more than one line; the first is `{first}`"),
            "make each line an item of the list, or join them with `&&`",
        );
        return None;
    }
    Some(trimmed.to_owned())
}

fn mount(reader: &mut Reader, node: &Node, path: &str) -> Option<SecretMount> {
    let fields = reader.mapping(node, path, &["type", "id", "target"], &[]);
    let mut needed = |key: &str, example: &str| {
        let Some(value) = fields.get(key) else {
            reader.fault(node, format!("`{path}` needs `{key}`"), format!("add `{key}: {example}`"));
            return None;
        };
        let text = reader.text(value, &format!("{path}.{key}"), &format!("`{key}: {example}`"))?;
        let fault = match key {
            "type" if text != "secret" => Some(format!("mount type `{text}` is not supported")),
            "id" if !text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) => {
                Some(format!("`{text}` is not an id for a secret"))
            }
            "target" if !text.starts_with('/') || text.contains([',', ' ', '"', '\'', '\n', '$', '\\']) => {
                Some(format!("target `{}` is not a plain absolute path", text.escape_debug()))
            }
            _ => None,
        };
        if let Some(message) = fault {
            reader.fault(value, message, format!("write `{key}: {example}`"));
            return None;
        }
        Some(text)
    };
    let kind = needed("type", "secret");
    let id = needed("id", "token");
    let target = needed("target", "/run/secrets/token");
    kind.and(Some(SecretMount { id: id?, target: target? }))
}
