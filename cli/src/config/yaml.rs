//! YAML as a tree that remembers where everything stood.
//!
//! The only module that knows the YAML library. `serde-saphyr` is used because it gives positions; typed
//! deserialisation is not, because it stops at the first fault.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};

use super::{Fault, syntax};

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) span: Range<usize>,
    /// A scalar as it is written, so that `12.0` stays `12.0`.
    pub(super) raw: String,
    pub(super) value: Value,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number,
    Text(String),
    List(Vec<Node>),
    /// Entries in the file's order, repeated keys included.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// The type, as messages name it.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Number => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// What a message shows of the value: a scalar as it is written, else its type.
    pub(super) fn shown(&self) -> String {
        match &self.value {
            Value::List(_) | Value::Map(_) | Value::Null => self.kind().to_owned(),
            Value::Text(text) => format!("`{}`", text.escape_debug()),
            Value::Bool(_) | Value::Number => format!("`{}`", self.raw),
        }
    }

    /// A scalar's text, without quotes; as it is written where it is not text.
    pub(super) fn unquoted(&self) -> &str {
        match &self.value {
            Value::Text(text) => text,
            _ => &self.raw,
        }
    }

    /// The first entry of a mapping, if both halves are scalars.
    pub(super) fn first_pair(&self) -> Option<(&str, &str)> {
        let Value::Map(entries) = &self.value else { return None };
        let scalar = |node: &Node| !matches!(node.value, Value::List(_) | Value::Map(_));
        entries
            .first()
            .filter(|(key, value)| scalar(key) && scalar(value))
            .map(|(key, value)| (key.unquoted(), value.unquoted()))
    }

    /// Whether a scalar is written without quotes.
    pub(super) fn is_plain(&self) -> bool {
        matches!(&self.value, Value::Text(text) if *text == self.raw)
    }
}

/// Reads one document; `None` is an empty one.
pub(super) fn read(text: &str) -> Result<Option<Node>, Fault> {
    let options = serde_saphyr::options! { duplicate_keys: DuplicateKeyPolicy::PassThrough };
    match serde_saphyr::from_str_with_options::<Option<Spanned<Tree>>>(text, options) {
        Ok(tree) => {
            let starts = Lines::new(text);
            Ok(tree.map(|tree| starts.node(tree)).filter(|node| !matches!(node.value, Value::Null)))
        }
        Err(error) => Err(syntax::fault(text, &error)),
    }
}

/// Byte offsets of lines.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Line and column clamped to the text, and the byte they mean.
    pub(super) fn offset(&self, line: u64, column: u64) -> (usize, usize, usize) {
        let line = usize::try_from(line).unwrap_or(1).clamp(1, self.starts.len());
        let start = self.starts[line - 1];
        let rest = self.text[start..].lines().next().unwrap_or("");
        let wanted = usize::try_from(column).unwrap_or(1).max(1) - 1;
        let column = wanted.min(rest.chars().count());
        let byte = rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at);
        (line, column + 1, start + byte)
    }

    /// Line, column and bytes.
    fn place(&self, location: Location) -> (usize, usize, Range<usize>) {
        let (line, column, start) = self.offset(location.line(), location.column());
        let length = location.span().byte_len().and_then(|len| usize::try_from(len).ok()).unwrap_or(1);
        let end = (start..=self.text.len())
            .find(|end| *end >= start + length && self.text.is_char_boundary(*end))
            .unwrap_or(self.text.len());
        (line, column, start..end)
    }

    fn node(&self, tree: Spanned<Tree>) -> Node {
        let (line, column, span) = self.place(tree.referenced);
        // What an alias stands for is written elsewhere.
        let (_, _, defined) = self.place(tree.defined);
        let raw = self.text[defined].trim_end().to_owned();
        // A list or a mapping is shown by its first line only.
        let end = span.start + self.text[span.clone()].lines().next().map_or(0, |line| line.trim_end().len());
        let value = match tree.value {
            Tree::Null => Value::Null,
            Tree::Bool(value) => Value::Bool(value),
            Tree::Number => Value::Number,
            Tree::Text(text) => Value::Text(text),
            Tree::List(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
            Tree::Map(entries) => Value::Map(
                entries.into_iter().map(|(key, value)| (self.node(key), self.node(value))).collect(),
            ),
        };
        Node { line, column, span: span.start..end, raw, value }
    }
}

/// The tree as the library hands it over.
enum Tree {
    Null,
    Bool(bool),
    Number,
    Text(String),
    List(Vec<Spanned<Tree>>),
    Map(Vec<(Spanned<Tree>, Spanned<Tree>)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Tree::Map(map))
    }
}
