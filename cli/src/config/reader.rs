//! Reads typed values out of the tree and collects what is wrong with them.

use super::Fault;
use super::yaml::{Node, Value};

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Reader {
    faults: Vec<Fault>,
}

/// A mapping whose keys have been checked.
pub(super) struct Fields<'n> {
    entries: Vec<(&'n str, &'n Node, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// The value of a key, unless it is absent or nothing.
    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        self.key(name).map(|(_, value)| value)
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

    fn wrong_type(&mut self, node: &Node, path: &str, wanted: &str, example: &str) {
        let value = match node.value {
            Value::Bool(_) | Value::Number | Value::Text(_) => format!(": {}", node.shown()),
            Value::Null | Value::List(_) | Value::Map(_) => String::new(),
        };
        self.fault(
            node,
            format!("`{path}` must be {wanted}, but is {}{value}", node.kind()),
            format!("write {example}"),
        );
    }

    /// A mapping with no keys but `known`; `foreign` are keys of the original with the reason why they are none here.
    pub(super) fn mapping<'n>(
        &mut self,
        node: &'n Node,
        path: &str,
        known: &[&str],
        foreign: &[(&str, &str)],
    ) -> Fields<'n> {
        let Value::Map(entries) = &node.value else {
            if !matches!(node.value, Value::Null) {
                let place = if path.is_empty() { "the file" } else { path };
                let keys = known.iter().map(|key| format!("`{key}:`")).collect::<Vec<_>>().join(", ");
                self.fault(
                    node,
                    format!("`{place}` must be a mapping, but is {}", node.kind())
                        .replace("`the file`", "the file"),
                    format!("write keys and values; the keys are {keys}"),
                );
            }
            return Fields { entries: Vec::new() };
        };
        let mut fields: Vec<(&str, &Node, &Node)> = Vec::new();
        for (key, value) in entries {
            let name: &str = match &key.value {
                Value::Text(text) => text,
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
                self.fault(key, format!("unknown key `{full}`"), suggestion(name, known));
            }
        }
        Fields { entries: fields }
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

    /// A boolean; the words of YAML 1.1 count, unless they are quoted.
    pub(super) fn boolean(&mut self, node: &Node, path: &str) -> Option<bool> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            Value::Text(text) if node.is_plain() && matches!(&*text.to_lowercase(), "yes" | "on") => {
                Some(true)
            }
            Value::Text(text) if node.is_plain() && matches!(&*text.to_lowercase(), "no" | "off") => {
                Some(false)
            }
            _ => {
                self.wrong_type(node, path, "`true` or `false`", &format!("`{}: true`", last(path)));
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
                self.wrong_type(node, path, "a whole number", &format!("`{}: 1`", last(path)));
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

    /// A list of texts that each pass `check`, which returns what is wrong and what to write.
    pub(super) fn texts(
        &mut self,
        node: &Node,
        path: &str,
        example: &str,
        check: impl Fn(&str) -> Result<(), (String, String)>,
    ) -> Vec<String> {
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

/// The known key that was probably meant, else all of them.
fn suggestion(name: &str, known: &[&str]) -> String {
    let lower = name.to_lowercase().replace('-', "_");
    let best = known
        .iter()
        .map(|key| (strsim::jaro_winkler(&lower, key), *key))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    match best {
        Some((score, key)) if score > 0.82 => format!("did you mean `{key}`?"),
        _ => format!(
            "the keys here are {}",
            known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
        ),
    }
}
