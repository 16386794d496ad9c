//! The `environment:` list.

use super::EnvVar;
use super::reader::Reader;
use super::yaml::Node;

/// Names that the image or the platform sets itself.
pub(super) const RESERVED: &[&str] = &[
    "PATH",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "PYTHONUNBUFFERED",
    "LIBRARY_PATH",
    "HF_ENDPOINT",
    "HF_HUB_ENABLE_HF_TRANSFER",
];
/// Beginnings of names that belong to the platform.
pub(super) const RESERVED_PREFIXES: &[&str] =
    &["R8_", "REPLICATE_", "CUDA_", "NVIDIA_", "NV_", "PGET_", "KUBERNETES_"];
const EXAMPLE: &str = "`- NAME=value`";

/// Reads the list.
pub(super) fn environment(reader: &mut Reader, node: &Node) -> Vec<EnvVar> {
    let mut variables: Vec<EnvVar> = Vec::new();
    for (index, item) in reader.scalars(node, "environment", &spelled(node)).iter().enumerate() {
        let Some(text) = reader.text(item, &format!("environment[{index}]"), &spelled(item)) else {
            continue;
        };
        match variable(&text) {
            Err((message, hint)) => reader.fault(item, message, hint),
            Ok(variable) if variables.iter().any(|other| other.name == variable.name) => {
                reader.fault(
                    item,
                    format!("variable `{}` is set twice", variable.name),
                    "keep one of the two",
                );
            }
            Ok(variable) => variables.push(variable),
        }
    }
    variables
}

/// The form of an item, with the name and the value that were given as `NAME: value`.
fn spelled(node: &Node) -> String {
    match node.first_pair() {
        Some((name, value)) if name.contains('=') => format!("it in quotes: `- \"{name}: {value}\"`"),
        Some((name, value)) => format!("`- {name}={value}`"),
        None => EXAMPLE.to_owned(),
    }
}

fn variable(text: &str) -> Result<EnvVar, (String, String)> {
    let Some((name, value)) = text.split_once('=') else {
        let hint = if is_name(text) { format!("write `- {text}=value`") } else { format!("write {EXAMPLE}") };
        return Err((format!("`{text}` is not of the form `NAME=value`"), hint));
    };
    if !is_name(name) {
        return Err((
            format!("`{name}` is not a name for a variable"),
            "use letters, digits and `_`, and begin with a letter or `_`".into(),
        ));
    }
    if RESERVED.contains(&name) || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return Err((
            format!("variable `{name}` is reserved: the image or the platform sets it"),
            "take it out, or read your setting from a variable of another name".into(),
        ));
    }
    if value.contains(['\n', '\r', '\0']) {
        return Err((
            format!("the value of `{name}` has more than one line"),
            "write it on one line, or put it into a file of the project".into(),
        ));
    }
    Ok(EnvVar { name: name.to_owned(), value: value.to_owned() })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
