//! Checking a whole input: from what a caller sent to what a predictor gets.

use serde_json::{Map, Value};

use crate::envelope::Detail;
use crate::number::normalise;
use crate::violation::{Breach, MASK, Shown, Violation};
use crate::{Input, Signature, Type};

/// An input that the signature allows.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// Every input of the signature, defaults and nulls filled in and integers written as integers: what the
    /// predictor gets.
    pub input: Map<String, Value>,
    /// What the caller gave, less what nobody knows, with the nulls of optional inputs and secrets masked:
    /// what may be shown again.
    pub shown: Map<String, Value>,
    /// Keys that were dropped because the signature does not have them.
    pub unknown: Vec<String>,
}

impl Signature {
    /// Checks an envelope's `input` (null counts as empty) and completes it.
    ///
    /// Errors: everything that is wrong, as the wire reports it.
    pub fn check_input(&self, input: Value) -> Result<Checked, Vec<Detail>> {
        let mut given = match input {
            Value::Null => Map::new(),
            Value::Object(given) => given,
            other => return Err(vec![self.not_an_object(&other).into()]),
        };
        let violations = self.violations(&given);
        if !violations.is_empty() {
            return Err(violations.into_iter().map(Detail::from).collect());
        }
        let mut checked = Checked { input: Map::new(), shown: Map::new(), unknown: self.unknown(&given) };
        for input in &self.inputs {
            let name = &input.name;
            match given.remove(name) {
                Some(value) => {
                    checked.shown.insert(name.clone(), masked(&input.ty, &value));
                    checked.input.insert(name.clone(), integers_normalised(&input.ty, value));
                }
                None => {
                    if input.default.is_none() {
                        checked.shown.insert(name.clone(), Value::Null);
                    }
                    let default = input.default.clone().unwrap_or(Value::Null);
                    checked.input.insert(name.clone(), integers_normalised(&input.ty, default));
                }
            }
        }
        Ok(checked)
    }

    /// Everything that is wrong with the given inputs: first the values, sorted by name, then what is missing,
    /// in the signature's order. Unknown keys are no violation (see [`Signature::unknown`]).
    pub fn violations(&self, given: &Map<String, Value>) -> Vec<Violation> {
        let mut sorted: Vec<&Input> = self.inputs.iter().collect();
        sorted.sort_by_key(|input| &input.name);
        let values = sorted.into_iter().filter_map(|input| Some(input.admits(given.get(&input.name)?)));
        let mut violations: Vec<Violation> = values.filter_map(Result::err).flatten().collect();
        let missing =
            self.inputs.iter().filter(|input| input.is_required() && !given.contains_key(&input.name));
        violations
            .extend(missing.map(|input| Violation { field: input.name.clone(), breach: Breach::Missing }));
        violations
    }

    /// The keys that the signature does not have.
    pub fn unknown(&self, given: &Map<String, Value>) -> Vec<String> {
        given.keys().filter(|name| self.input(name).is_none()).cloned().collect()
    }

    fn not_an_object(&self, value: &Value) -> Violation {
        let secret = self.inputs.iter().any(|input| input.ty.holds_secret());
        let breach = Breach::Type { value: Shown::new(value, secret), expected: "object" };
        Violation { field: "__root__".to_owned(), breach }
    }
}

/// The value with its secrets masked.
fn masked(ty: &Type, value: &Value) -> Value {
    if !ty.holds_secret() {
        return value.clone();
    }
    match (ty.required(), value) {
        (_, Value::Null) => Value::Null,
        (Type::List(item), Value::Array(values)) => values.iter().map(|value| masked(item, value)).collect(),
        (Type::Map(item), Value::Object(entries)) => {
            entries.iter().map(|(key, value)| (key.clone(), masked(item, value))).collect()
        }
        _ => Value::String(MASK.to_owned()),
    }
}

/// The value with `3.0` written as `3` wherever the type says integer: Rust's integers read nothing else.
fn integers_normalised(ty: &Type, value: Value) -> Value {
    match (ty, value) {
        (Type::Optional(inner), value) => integers_normalised(inner, value),
        (Type::Integer(_), Value::Number(number)) => Value::Number(normalise(&number)),
        (Type::Choice(_), Value::Number(number)) if ty.json_type() == Some("integer") => {
            Value::Number(normalise(&number))
        }
        (Type::List(item), Value::Array(values)) => {
            values.into_iter().map(|value| integers_normalised(item, value)).collect()
        }
        (Type::Map(item), Value::Object(entries)) => {
            entries.into_iter().map(|(key, value)| (key, integers_normalised(item, value))).collect()
        }
        // A union's value is that of its first variant that allows it, unless a later one takes it as it is.
        (Type::Union(variants), value) => {
            let mut fitting = variants.iter().filter(|variant| variant.admits(&value));
            match fitting.next() {
                Some(Type::Integer(_)) if fitting.any(|variant| *variant == Type::Number) => value,
                Some(first) => integers_normalised(first, value),
                None => value,
            }
        }
        (_, value) => value,
    }
}
