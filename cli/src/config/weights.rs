//! The `weights:` list: what a model loads, and where from.

use regex::Regex;

use super::reader::{Reader, as_item};
use super::yaml::{Node, Value};
use super::{Weight, WeightSource};

pub(super) const KEYS: &[&str] = &["name", "target", "source"];
pub(super) const SOURCE: &[&str] = &["uri", "include", "exclude"];
/// What names of weights look like.
pub(super) const NAME: &str = r"^[a-z0-9]+([._-][a-z0-9]+)*$";
const EXAMPLE: &str = "`- {name: net, target: /weights/net, source: {uri: ./net}}`";

/// Reads the list; whether the targets are apart is checked over all of it.
pub(super) fn weights(reader: &mut Reader, node: &Node) -> Vec<Weight> {
    let mut weights: Vec<Weight> = Vec::new();
    for (index, item) in reader.list(node, "weights", &as_item(node, EXAMPLE)).iter().enumerate() {
        let path = format!("weights[{index}]");
        let fields = reader.mapping(item, &path, KEYS, &[]);
        if !matches!(item.value, Value::Map(_)) {
            continue;
        }
        let name = fields.get("name").and_then(|node| name(reader, node, &path, &weights));
        let target = fields.get("target").and_then(|node| target(reader, node, &path, &weights));
        let source = fields.get("source").map(|node| sources(reader, node, &format!("{path}.source")));
        for (key, example) in
            [("name", "name: net"), ("target", "target: /weights/net"), ("source", "source: {uri: ./net}")]
        {
            if fields.lacks(key) {
                reader.fault(item, format!("`{path}` needs `{key}`"), format!("add `{example}`"));
            }
        }
        weights.push(Weight {
            name: name.unwrap_or_default(),
            target: target.unwrap_or_default(),
            source: source.unwrap_or_default(),
        });
    }
    weights
}

fn name(reader: &mut Reader, node: &Node, path: &str, others: &[Weight]) -> Option<String> {
    let text = reader.text(node, &format!("{path}.name"), "`name: net`")?;
    if !Regex::new(NAME).is_ok_and(|regex| regex.is_match(&text)) {
        let lower = text.to_lowercase().replace([' ', '/'], "-");
        let hint = if Regex::new(NAME).is_ok_and(|regex| regex.is_match(&lower)) {
            format!("names are in lower case, with single `.`, `_` or `-` between: write `{lower}`")
        } else {
            "use lower-case letters and digits, with single `.`, `_` or `-` between them".into()
        };
        reader.fault(node, format!("`{text}` is not a name for weights"), hint);
        return None;
    }
    if others.iter().any(|other| other.name == text) {
        reader.fault(node, format!("two weights are named `{text}`"), "give each its own name");
        return None;
    }
    Some(text)
}

fn target(reader: &mut Reader, node: &Node, path: &str, others: &[Weight]) -> Option<String> {
    let text = reader.text(node, &format!("{path}.target"), "`target: /weights/net`")?;
    if !text.starts_with('/') {
        reader.fault(node, format!("target `{text}` is not an absolute path"), format!("write `/{text}`"));
        return None;
    }
    let clean = clean(&text);
    if clean == "/" {
        reader.fault(
            node,
            format!("target `{text}` is the root of the container"),
            "name a directory, like `/weights/net`",
        );
        return None;
    }
    let inside = |one: &str, other: &str| one == other || one.starts_with(&format!("{other}/"));
    if let Some(other) = others
        .iter()
        .filter(|other| !other.target.is_empty())
        .find(|other| inside(&clean, &other.target) || inside(&other.target, &clean))
    {
        let message = if other.target == clean {
            format!("target `{text}` is used twice")
        } else {
            format!("target `{text}` overlaps with `{}`", other.target)
        };
        reader.fault(node, message, "give each its own directory, none inside another");
        return None;
    }
    Some(clean)
}

/// An absolute path without `.`, `..` and doubled slashes.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

fn sources(reader: &mut Reader, node: &Node, path: &str) -> Vec<WeightSource> {
    match &node.value {
        Value::List(items) if items.is_empty() => {
            reader.fault(node, format!("`{path}` is an empty list"), "add `- uri: ./net`");
            Vec::new()
        }
        Value::List(items) => items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| source(reader, item, &format!("{path}[{index}]")))
            .collect(),
        _ => source(reader, node, path).into_iter().collect(),
    }
}

fn source(reader: &mut Reader, node: &Node, path: &str) -> Option<WeightSource> {
    if let Value::Text(uri) = &node.value {
        let hint = format!("write `{{uri: {uri}}}`");
        reader.fault(node, format!("`{path}` must be a mapping, but is a string: `{uri}`"), hint);
        return None;
    }
    let fields = reader.mapping(node, path, SOURCE, &[]);
    let mut patterns = |key: &str| {
        let example = format!("`{key}: [\"*.safetensors\"]`");
        fields.get(key).map_or_else(Vec::new, |node| {
            reader
                .texts(node, &format!("{path}.{key}"), &example, pattern)
                .iter()
                .map(|p| p.trim().to_owned())
                .collect()
        })
    };
    let (include, exclude) = (patterns("include"), patterns("exclude"));
    if fields.lacks("uri") && matches!(node.value, Value::Map(_)) {
        reader.fault(node, format!("`{path}` needs `uri`"), "add `uri: ./net`");
    }
    let uri = fields.get("uri")?;
    let uri = reader.text(uri, &format!("{path}.uri"), "`uri: ./net`")?;
    Some(WeightSource { uri, include, exclude })
}

fn pattern(text: &str) -> Result<(), (String, String)> {
    let text = text.trim();
    if text.starts_with('!') {
        Err((
            format!("pattern `{text}` begins with `!`"),
            "negation is not supported: use `include` and `exclude`".into(),
        ))
    } else if text.contains('\\') {
        Err((format!("pattern `{text}` has a backslash"), format!("write `{}`", text.replace('\\', "/"))))
    } else {
        Ok(())
    }
}
