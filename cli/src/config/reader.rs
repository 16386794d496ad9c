//! Reads typed values out of the tree and collects what is wrong with them.

use super::yaml::{Node, Value};
use super::{Fault, keys};

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Reader {
    faults: Vec<Fault>,
}

/// A mapping whose keys have been checked.
pub(super) struct Fields<'n> {
    entries: Vec<(&'n str, &'n Node, &'n Node)>,
    /// Keys that unknown ones were probably meant to be.
    meant: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// The value of a key, unless it is absent or nothing.
    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        self.key(name).map(|(_, value)| value)
    }

    /// Whether a key is absent, and nothing that is there was meant to be it.
    pub(super) fn lacks(&self, name: &str) -> bool {
        self.get(name).is_none() && !self.meant.contains(&name)
    }

    /// The key itself and its value, unless it is absent or nothing.
    pub(super) fn key(&self, name: &str) -> Option<(&'n Node, &'n Node)> {
        self.entries
            .iter()
            .find(|(key, _, value)| *key == name && !matches!(value.value, Value::Null))
            .map(|(_, key, value)| (*key, *value))
    }
}

impl Reader {
    pub(super) fn report(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// How many faults there are so far.
    pub(super) fn count_faults(&self) -> usize {
        self.faults.len()
    }

    pub(super) fn finish(self) -> Option<Vec<Fault>> {
        (!self.faults.is_empty()).then_some(self.faults)
    }

    /// Records that `node` is at fault.
    pub(super) fn fault(&mut self, node: &Node, message: impl Into<String>, hint: impl Into<String>) {
        self.report(Fault {
            line: node.line,
            column: node.column,
            span: node.span.clone(),
            message: message.into(),
            hint: hint.into(),
        });
    }

    pub(super) fn wrong_type(&mut self, node: &Node, path: &str, wanted: &str, example: &str) {
        let value = match node.value {
            Value::Bool(_) | Value::Number | Value::Text(_) => format!(": {}", node.shown()),
            Value::Null | Value::List(_) | Value::Map(_) => String::new(),
        };
        let quoted = matches!(&node.value, Value::Text(text) if text.len() + 2 == node.raw.len());
        let hint = if quoted && example.ends_with(&format!(": {}`", node.unquoted())) {
            format!("take the quotes off: {example}")
        } else {
            format!("write {example}")
        };
        self.fault(node, format!("`{path}` must be {wanted}, but is {}{value}", node.kind()), hint);
    }

    /// A mapping with no keys but `known`; `foreign` are keys of the original with the reason why they are none here.
    pub(super) fn mapping<'n>(
        &mut self,
        node: &'n Node,
        path: &str,
        known: &[&'static str],
        foreign: &[(&str, &str)],
    ) -> Fields<'n> {
        let Value::Map(entries) = &node.value else {
            if !matches!(node.value, Value::Null) {
                let place = if path.is_empty() { "the file" } else { path };
                let keys = known.iter().map(|key| format!("`{key}:`")).collect::<Vec<_>>().join(", ");
                let advice = match &node.value {
                    Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Map(_))) => {
                        "take the dashes off"
                    }
                    Value::Text(text) if node.is_plain() && text.contains(':') => {
                        "put a space after the colon"
                    }
                    _ => "write keys and values",
                };
                self.fault(
                    node,
                    format!("`{place}` must be a mapping, but is {}", node.kind())
                        .replace("`the file`", "the file"),
                    format!("{advice}; the keys are {keys}"),
                );
            }
            return Fields { entries: Vec::new(), meant: Vec::new() };
        };
        let mut fields: Vec<(&str, &Node, &Node)> = Vec::new();
        let mut meant = Vec::new();
        for (key, value) in entries {
            let name: &str = match &key.value {
                Value::Text(text) => text,
                Value::List(_) | Value::Map(_) => {
                    self.fault(key, format!("a key must be a string, but is {}", key.kind()), choices(known));
                    continue;
                }
                _ => &key.raw,
            };
            let full = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            if let Some((_, first, _)) = fields.iter().find(|(other, ..)| *other == name) {
                let line = first.line;
                self.fault(
                    key,
                    format!("key `{full}` is there twice, first on line {line}"),
                    "keep one of the two",
                );
            } else if known.contains(&name) {
                fields.push((name, key, value));
            } else if let Some((_, reason)) = foreign.iter().find(|(other, _)| *other == name) {
                self.fault(key, format!("key `{full}` is for Python models"), *reason);
            } else {
                let elsewhere = keys::home(name, path);
                let guess = synonym(name, known)
                    .or_else(|| if elsewhere.is_none() { likest(name, known) } else { None });
                meant.extend(guess);
                let hint = guess
                    .map(|key| format!("did you mean `{key}`?"))
                    .or(elsewhere)
                    .unwrap_or_else(|| choices(known));
                self.fault(key, format!("unknown key `{full}`"), hint);
            }
        }
        Fields { entries: fields, meant }
    }

    /// Text; a number or a boolean is none.
    pub(super) fn text(&mut self, node: &Node, path: &str, example: &str) -> Option<String> {
        match &node.value {
            Value::Text(text) if text.trim().is_empty() => {
                self.fault(node, format!("`{path}` is empty"), format!("write {example}, or take it out"));
                None
            }
            Value::Text(text) => Some(text.clone()),
            _ => {
                self.wrong_type(node, path, "a string", example);
                None
            }
        }
    }

    /// A version: text, or a number taken as it is written, so that `12.0` is not 12.
    pub(super) fn version(&mut self, node: &Node, path: &str, example: &str) -> Option<String> {
        match &node.value {
            Value::Number => Some(node.raw.clone()),
            _ => self.text(node, path, example),
        }
    }

    /// A boolean, `wanted` in words; the words of YAML 1.1 count, unless they are quoted.
    pub(super) fn boolean(&mut self, node: &Node, path: &str, wanted: &str) -> Option<bool> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            Value::Text(text) if node.is_plain() && matches!(&*text.to_lowercase(), "yes" | "on") => {
                Some(true)
            }
            Value::Text(text) if node.is_plain() && matches!(&*text.to_lowercase(), "no" | "off") => {
                Some(false)
            }
            _ => {
                let meant = matches!(&node.value, Value::Text(text) if matches!(text.as_str(), "false" | "no" | "off"));
                self.wrong_type(node, path, wanted, &format!("`{}: {}`", last(path), !meant));
                None
            }
        }
    }

    /// A whole number of at least 1.
    pub(super) fn count(&mut self, node: &Node, path: &str) -> Option<u32> {
        let value = match &node.value {
            Value::Number => node.raw.parse::<i64>().ok(),
            _ => None,
        };
        match value {
            Some(number) if number < 1 => {
                self.fault(
                    node,
                    format!("`{path}` must be at least 1, but is `{number}`"),
                    "write 1 or more",
                );
                None
            }
            Some(number) if u32::try_from(number).is_ok() => u32::try_from(number).ok(),
            _ => {
                let meant = match &node.value {
                    Value::Text(text) => text.parse::<u32>().unwrap_or(1).max(1),
                    _ => 1,
                };
                self.wrong_type(node, path, "a whole number", &format!("`{}: {meant}`", last(path)));
                None
            }
        }
    }

    /// The items of a list.
    pub(super) fn list<'n>(&mut self, node: &'n Node, path: &str, example: &str) -> &'n [Node] {
        match &node.value {
            Value::List(items) => items,
            _ => {
                self.wrong_type(node, path, "a list", example);
                &[]
            }
        }
    }

    /// The items of a list of texts; a single text is told how to become an item.
    pub(super) fn scalars<'n>(&mut self, node: &'n Node, path: &str, example: &str) -> &'n [Node] {
        match &node.value {
            Value::Text(text) if !text.contains('\n') => {
                let example = format!("it as an item of a list: `- {}`", node.raw);
                self.wrong_type(node, path, "a list", &example);
                &[]
            }
            _ => self.list(node, path, example),
        }
    }

    /// A list of texts that each pass `check`, which returns what is wrong and what to write.
    pub(super) fn texts(
        &mut self,
        node: &Node,
        path: &str,
        example: &str,
        check: impl Fn(&str) -> Result<(), (String, String)>,
    ) -> Vec<String> {
        if let Value::Text(text) = &node.value {
            let items: Vec<&str> = text.split([',', ' ']).filter(|item| !item.is_empty()).collect();
            let given = format!("`{}: [{}]`", last(path), items.join(", "));
            self.wrong_type(node, path, "a list", if items.is_empty() { example } else { &given });
            return Vec::new();
        }
        let mut texts: Vec<String> = Vec::new();
        for (index, item) in self.list(node, path, example).iter().enumerate() {
            let place = format!("{path}[{index}]");
            let Some(text) = self.text(item, &place, example) else { continue };
            if let Err((message, hint)) = check(&text) {
                self.fault(item, message, hint);
            } else if texts.contains(&text) {
                self.fault(item, format!("`{text}` is in `{path}` twice"), "keep one of the two");
            } else {
                texts.push(text);
            }
        }
        texts
    }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// What keys of ours are called elsewhere.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("cmd", "command"),
    ("dest", "target"),
    ("destination", "target"),
    ("env", "environment"),
    ("kind", "type"),
    ("packages", "system_packages"),
    ("path", "uri"),
    ("run", "command"),
    ("sources", "source"),
];

/// The known key that goes by another name elsewhere.
fn synonym(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let lower = name.to_lowercase();
    OTHER_NAMES.iter().find(|(other, key)| *other == lower && known.contains(key)).map(|(_, key)| *key)
}

/// The known key that is spelled most alike, if any is.
fn likest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let lower = name.to_lowercase().replace('-', "_");
    let likeness = |key: &str| {
        // Two letters in the wrong order weigh much in a short word.
        if key.len() >= 3 && strsim::osa_distance(&lower, key) <= 1 {
            return 1.0;
        }
        strsim::jaro_winkler(&lower, key)
    };
    let best = known.iter().map(|key| (likeness(key), *key)).max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(score, _)| *score > 0.82).map(|(_, key)| key)
}

/// All keys that there are.
fn choices(known: &[&str]) -> String {
    match known {
        [only] => format!("the only key here is `{only}`"),
        _ => format!(
            "the keys here are {}",
            known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// How a mapping becomes the item of a list; `example` where there is nothing to show it with.
pub(super) fn as_item(node: &Node, example: &str) -> String {
    match node.first_pair() {
        Some((key, value)) => {
            format!("it as an item of a list, which begins with a dash: `- {key}: {value}`")
        }
        None => example.to_owned(),
    }
}
