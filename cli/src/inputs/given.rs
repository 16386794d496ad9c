//! From words to inputs.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io::Read;

use cog_schema::{Input, Signature, Type, coerce};
use serde_json::{Map, Value};

use super::{Error, file};

/// Inputs as they were given: read, but not yet held against a signature.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    values: BTreeMap<String, Vec<Word>>,
}

/// One given value.
#[derive(Debug, Clone, PartialEq)]
enum Word {
    /// Text, to be read as the input's type asks.
    Text(String),
    /// JSON, or a file's data URL.
    Value(Value),
}

impl Given {
    /// Reads `-i`s or `--json`, and the files they name.
    ///
    /// # Errors
    /// All of these at once: an `-i` of another form than `name=value`, text that is not UTF-8, a file that cannot be
    /// read, JSON that is no object, both ways at the same time.
    pub fn parse(inputs: &[OsString], json: Option<&OsStr>) -> Result<Self, Error> {
        match json {
            Some(_) if !inputs.is_empty() => {
                Err(Error::one("inputs are given with `-i` or with `--json`, not with both"))
            }
            Some(json) => from_json(json),
            None => from_arguments(inputs),
        }
    }

    /// The inputs of a request to a model with this signature.
    ///
    /// # Errors
    /// Everything that the signature does not allow, in one error.
    pub fn check(self, signature: &Signature) -> Result<Map<String, Value>, Error> {
        let mut faults = Vec::new();
        let mut values = Map::new();
        let mut refused = BTreeSet::new();
        for (name, words) in self.values {
            match signature.input(&name) {
                None => faults.push(unknown(&name, signature)),
                Some(input) => match value(input, words) {
                    Ok(value) => {
                        faults.extend(local_path(input, &value));
                        values.insert(name, value);
                    }
                    Err(fault) => {
                        faults.push(fault);
                        refused.insert(name);
                    }
                },
            }
        }
        let violations: Vec<String> = signature
            .violations(&values)
            .into_iter()
            .filter(|violation| !refused.contains(&violation.field))
            .map(|violation| violation.to_string())
            .collect();
        faults.extend(violations);
        let hint = (!faults.is_empty() && !signature.inputs.is_empty()).then(|| described(signature));
        Error::all(faults, hint)?;
        Ok(values)
    }

    /// The inputs as they are, for a model whose signature nobody knows.
    pub fn unchecked(self) -> Map<String, Value> {
        let value = |word| match word {
            Word::Text(text) => coerce(&Type::Unknown, &text),
            Word::Value(value) => value,
        };
        let values = self.values.into_iter().map(|(name, words)| {
            let mut values: Vec<Value> = words.into_iter().map(value).collect();
            (name, if values.len() == 1 { values.remove(0) } else { Value::Array(values) })
        });
        values.collect()
    }
}

fn from_arguments(inputs: &[OsString]) -> Result<Given, Error> {
    let mut faults = Vec::new();
    let mut values: BTreeMap<String, Vec<Word>> = BTreeMap::new();
    for input in inputs {
        match argument(input) {
            Ok((name, word)) => values.entry(name).or_default().push(word),
            Err(fault) => faults.push(fault),
        }
    }
    Error::all(faults, None)?;
    Ok(Given { values })
}

fn argument(input: &OsStr) -> Result<(String, Word), String> {
    let Some(text) = input.to_str() else {
        return Err(format!(
            "input `{}` is not UTF-8: to send bytes, put them in a file, `name=@FILE`",
            input.to_string_lossy()
        ));
    };
    let (name, value) = match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => (name, value),
        _ => return Err(format!("input `{text}` is not of the form `name=value`")),
    };
    let word = match value.strip_prefix('@') {
        Some(literal) if literal.starts_with('@') => Word::Text(literal.to_owned()),
        Some(path) => {
            let url = file::data_url(path).map_err(|fault| format!("input `{name}`: {fault}"))?;
            Word::Value(Value::String(url))
        }
        None => Word::Text(unquoted(value).to_owned()),
    };
    Ok((name.to_owned(), word))
}

/// The text without one pair of double quotes around it, as scripts written for Python Cog put them there.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

fn from_json(json: &OsStr) -> Result<Given, Error> {
    let Some(argument) = json.to_str() else { return Err(Error::one("`--json` is not UTF-8")) };
    let (text, whence) = match argument.strip_prefix('@').or((argument == "-").then_some("-")) {
        Some("-") => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|error| Error::one(format!("cannot read JSON from the standard input: {error}")))?;
            (text, "the standard input".to_owned())
        }
        Some(path) => {
            let path = file::expanded(path);
            let text = std::fs::read_to_string(&path);
            let text = text.map_err(|error| {
                Error::one(format!("cannot read JSON from `{}`: {error}", path.display()))
            })?;
            (text, format!("`{}`", path.display()))
        }
        None => (argument.to_owned(), "`--json`".to_owned()),
    };
    let value: Value = serde_json::from_str(&text)
        .map_err(|error| Error::one(format!("the inputs from {whence} are not JSON: {error}")))?;
    let Value::Object(object) = value else {
        return Err(Error::one(format!(
            "the inputs from {whence} are not a JSON object, `{{\"name\": value}}`"
        )));
    };
    let mut faults = Vec::new();
    let mut values = BTreeMap::new();
    for (name, value) in object {
        match named_file(value) {
            Ok(value) => {
                values.insert(name, vec![Word::Value(value)]);
            }
            Err(fault) => faults.push(format!("input `{name}`: {fault}")),
        }
    }
    Error::all(faults, None)?;
    Ok(Given { values })
}

/// A text that begins with `@` names a file here, too.
fn named_file(value: Value) -> Result<Value, String> {
    match value.as_str().and_then(|text| text.strip_prefix('@')) {
        Some(literal) if literal.starts_with('@') => Ok(Value::String(literal.to_owned())),
        Some(path) => file::data_url(path).map(Value::String),
        None => Ok(value),
    }
}

/// What the words stand for, given the input's type.
fn value(input: &Input, mut words: Vec<Word>) -> Result<Value, String> {
    let list = matches!(input.ty.required(), Type::List(_) | Type::Unknown)
        || matches!(input.ty.required(), Type::Union(variants) if variants.iter().any(|ty| matches!(ty, Type::List(_))));
    let name = &input.name;
    if words.len() > 1 {
        if !list {
            return Err(format!("input `{name}` is given {} times, and it is no list", words.len()));
        }
        let item = |word| match word {
            Word::Text(text) => match input.coerce_all(&[text]) {
                Value::Array(mut items) if items.len() == 1 => items.remove(0),
                other => other,
            },
            Word::Value(value) => value,
        };
        return Ok(words.into_iter().map(item).collect());
    }
    match (words.pop(), input.ty.required()) {
        (Some(Word::Text(text)), _) => Ok(input.coerce(&text)),
        // A file for a list of files.
        (Some(Word::Value(value @ Value::String(_))), Type::List(_)) => Ok(Value::Array(vec![value])),
        (Some(Word::Value(value)), _) => Ok(value),
        (None, _) => Err(format!("input `{name}` has no value")),
    }
}

fn unknown(name: &str, signature: &Signature) -> String {
    let names = signature.inputs.iter().map(|input| input.name.as_str());
    let near = names
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .min()
        .filter(|(distance, known)| *distance <= 1 + known.len() / 3);
    match (near, signature.inputs.is_empty()) {
        (Some((_, known)), _) => format!("there is no input `{name}`; did you mean `{known}`?"),
        (None, false) => format!("there is no input `{name}`"),
        (None, true) => format!("there is no input `{name}`: the model takes none"),
    }
}

/// A path where a URL belongs: the model would refuse it, and the person meant the file.
fn local_path(input: &Input, value: &Value) -> Option<String> {
    let wants_file = |ty: &Type| matches!(ty.required(), Type::Path);
    let texts: Vec<&str> = match (input.ty.required(), value) {
        (ty, Value::String(text)) if wants_file(ty) => vec![text],
        (Type::List(item), Value::Array(items)) if wants_file(item) => {
            items.iter().filter_map(Value::as_str).collect()
        }
        _ => return None,
    };
    let fetched =
        |text: &&&str| ["http://", "https://", "data:"].iter().any(|scheme| text.starts_with(scheme));
    let stray = texts.iter().find(|text| !fetched(text))?;
    let name = &input.name;
    Some(format!("invalid input `{name}`: `{stray}` is no URL; to send a file, write `-i {name}=@{stray}`"))
}

fn described(signature: &Signature) -> String {
    let names: Vec<String> = signature
        .inputs
        .iter()
        .map(|input| format!("`{}`{}", input.name, if input.is_required() { " (required)" } else { "" }))
        .collect();
    format!("the model's inputs are {}", names.join(", "))
}
