//! The `build:` section.

use regex::Regex;

use super::reader::{Reader, as_item};
use super::yaml::{Node, Value};
use super::{Build, RunStep, SecretMount};
use crate::cuda::{self, Architecture, Version};

pub(super) const KEYS: &[&str] = &[
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
pub(super) const PYTHON: &[(&str, &str)] = &[
    (
        "python_version",
        "a Rust model has `rust_version: \"1.95\"`, or a `rust-toolchain.toml`; take the key out",
    ),
    ("python_packages", DEPENDENCIES),
    ("python_requirements", DEPENDENCIES),
    ("pre_install", "put the commands into `build.run`"),
    ("sdk_version", "a Rust model pins the `cog` crate in `Cargo.toml`; take the key out"),
];
pub(super) const STEP: &[&str] = &["command", "mounts"];
pub(super) const MOUNT: &[&str] = &["type", "id", "target"];
/// What names of packages look like.
pub(super) const PACKAGE: &str = r"^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[A-Za-z0-9.+:~-]+)?$";
/// What Cargo features look like.
pub(super) const FEATURE: &str = r"^[\w][\w+.-]*(/[\w][\w+.-]*)?$";
const SECRET: &str = "`- {type: secret, id: token, target: /run/secrets/token}`";
/// The word of `gpu` that is no boolean.
pub(super) const REQUIRED: &str = "required";
/// The oldest Rust that compiles the `cog` crate.
const OLDEST_RUST: (u32, u32) = (1, 95);

/// Reads the section.
pub(super) fn build(reader: &mut Reader, node: &Node) -> Build {
    let fields = reader.mapping(node, "build", KEYS, PYTHON);
    let mut build = Build::default();
    if let Some(node) = fields.get("gpu") {
        (build.gpu, build.gpu_required) = gpu(reader, node);
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
        build.cuda_architectures = architectures(reader, node, cuda);
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
        build.default_features =
            reader.boolean(node, "build.default_features", "`true` or `false`").unwrap_or(true);
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

/// Whether there is to be a GPU, and whether nothing goes without one.
fn gpu(reader: &mut Reader, node: &Node) -> (bool, bool) {
    match &node.value {
        Value::Text(text) if text == REQUIRED => (true, true),
        Value::Text(text) if strsim::jaro_winkler(&text.to_lowercase(), REQUIRED) > 0.82 => {
            let message = format!("`build.gpu` must be `true`, `false` or `{REQUIRED}`, but is `{text}`");
            reader.fault(node, message, format!("did you mean `{REQUIRED}`?"));
            (true, true)
        }
        _ => {
            let wanted = format!("`true`, `false` or `{REQUIRED}`");
            (reader.boolean(node, "build.gpu", &wanted).unwrap_or_default(), false)
        }
    }
}

fn architectures(reader: &mut Reader, node: &Node, cuda: Option<Version>) -> Vec<Architecture> {
    let path = "build.cuda_architectures";
    let mut architectures = Vec::new();
    for (index, item) in reader.list(node, path, "`[\"8.0\"]`").iter().enumerate() {
        let Some(text) = reader.version(item, &format!("{path}[{index}]"), "`\"8.0\"`") else { continue };
        match text.parse::<Architecture>() {
            Ok(architecture) if architectures.contains(&architecture) => {
                reader.fault(item, format!("`{text}` is in `{path}` twice"), "keep one of the two");
            }
            Ok(architecture) => {
                if let Some(Err(mismatch)) = cuda.map(|cuda| architecture.known_to(cuda)) {
                    reader.fault(item, mismatch.to_string(), mismatch.hint());
                }
                architectures.push(architecture);
            }
            Err(error) => reader.fault(item, error.to_string(), architecture_hint(&text)),
        }
    }
    architectures.sort_unstable();
    architectures
}

/// `sm_90` and `86` are what compilers say.
fn architecture_hint(text: &str) -> String {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let dotted = digits.len().checked_sub(1).and_then(|at| digits.split_at_checked(at));
    match dotted.and_then(|(major, minor)| format!("{major}.{minor}").parse::<Architecture>().ok()) {
        Some(meant) => format!("write the compute capability as NVIDIA does: `\"{meant}\"`"),
        None => "write the compute capability as NVIDIA does, like `\"8.0\"`; \
                 `nvidia-smi --query-gpu=compute_cap --format=csv` prints a GPU's"
            .into(),
    }
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
    if Regex::new(PACKAGE).is_ok_and(|regex| regex.is_match(text)) {
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
    if Regex::new(FEATURE).is_ok_and(|regex| regex.is_match(text)) {
        return Ok(());
    }
    Err((
        format!("`{}` is not a Cargo feature", text.escape_debug()),
        "write one feature per item, like `[cuda]`".into(),
    ))
}

fn run(reader: &mut Reader, node: &Node) -> Vec<RunStep> {
    let items = reader.scalars(node, "build.run", &as_item(node, "`- echo hello`"));
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
    if let Some((words, rest)) = node.first_pair().filter(|(words, _)| words.contains(' ')) {
        let hint = format!("put the command in quotes: `- '{words}: {rest}'`");
        reader.fault(node, format!("the colon in `{path}` makes a mapping of the command"), hint);
        return None;
    }
    let fields = reader.mapping(node, path, STEP, &[]);
    let mounts = fields.get("mounts").map_or_else(Vec::new, |node| {
        let path = format!("{path}.mounts");
        let items = reader.list(node, &path, &as_item(node, SECRET));
        items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| mount(reader, item, &format!("{path}[{index}]")))
            .collect()
    });
    if fields.lacks("command") {
        reader.fault(node, format!("`{path}` needs `command`"), "add `command: echo hello`");
    }
    let text = fields.get("command")?;
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
    if trimmed.ends_with('\\') {
        reader.fault(
            node,
            format!("`{path}` ends in a backslash, which would join it with what follows"),
            "leave the backslash out",
        );
        return None;
    }
    Some(trimmed.to_owned())
}

fn mount(reader: &mut Reader, node: &Node, path: &str) -> Option<SecretMount> {
    if !matches!(node.value, Value::Map(_)) {
        reader.wrong_type(node, path, "a mapping", SECRET);
        return None;
    }
    let fields = reader.mapping(node, path, MOUNT, &[]);
    let mut needed = |key: &str, example: &str| {
        if fields.lacks(key) {
            reader.fault(node, format!("`{path}` needs `{key}`"), format!("add `{key}: {example}`"));
        }
        let value = fields.get(key)?;
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
