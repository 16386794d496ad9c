//! From the text of `-i name=value` to the JSON that the input's type asks for. 64-bit integers and floats
//! survive whole. Text that does not fit stays text, and the check that follows says what is wrong with it.

use serde_json::{Number, Value};

use crate::number::same;
use crate::{Input, Type};

impl Input {
    /// The JSON that the text stands for, given this input's type and constraints.
    pub fn coerce(&self, text: &str) -> Value {
        match (&self.constraints.choices, self.ty.required()) {
            (Some(choices), _) => choice(choices, text),
            (None, ty) => coerce(ty, text),
        }
    }

    /// The JSON array that several texts for one input stand for.
    pub fn coerce_all<T: AsRef<str>>(&self, texts: &[T]) -> Value {
        let item = item_type(self.ty.required());
        texts.iter().map(|text| coerce(&item, text.as_ref())).collect()
    }
}

/// The JSON that the text stands for, given the type.
pub fn coerce(ty: &Type, text: &str) -> Value {
    let plain = || Value::String(text.to_owned());
    match ty {
        Type::String | Type::Path | Type::Secret => plain(),
        Type::Boolean => boolean(text).unwrap_or_else(plain),
        Type::Integer(_) | Type::Number => number(text).unwrap_or_else(plain),
        Type::Any | Type::Map(_) | Type::Object(_) => json(text).unwrap_or_else(plain),
        Type::List(item) => array(text).unwrap_or_else(|| Value::Array(vec![coerce(item, text)])),
        Type::Choice(choices) => choice(choices, text),
        Type::Union(variants) => union(variants, text),
        Type::Optional(inner) => coerce(inner, text),
        Type::Unknown => {
            boolean(text).or_else(|| number(text)).or_else(|| structured(text)).unwrap_or_else(plain)
        }
    }
}

/// Text is what is left: every other reading that some variant allows goes before it, and a scalar is wrapped
/// into a list only where nothing takes it bare.
fn union(variants: &[Type], text: &str) -> Value {
    let plain = Value::String(text.to_owned());
    let readings = [boolean(text), number(text), structured(text), Some(plain.clone())];
    let bare =
        readings.into_iter().flatten().find(|value| variants.iter().any(|variant| variant.admits(value)));
    let wrapped = || {
        let lists = variants.iter().filter(|variant| matches!(variant.required(), Type::List(_)));
        lists
            .map(|list| (list, coerce(list, text)))
            .find(|(list, value)| list.admits(value))
            .map(|(_, value)| value)
    };
    bare.or_else(wrapped).unwrap_or(plain)
}

fn choice(choices: &[Value], text: &str) -> Value {
    let plain = Value::String(text.to_owned());
    if choices.contains(&plain) {
        return plain;
    }
    let reading = boolean(text).or_else(|| number(text));
    let numeric = choices.iter().all(|choice| !choice.is_string());
    match reading {
        Some(value) if numeric || choices.iter().any(|choice| same(choice, &value)) => value,
        _ => plain,
    }
}

fn item_type(ty: &Type) -> Type {
    match ty {
        Type::List(item) => (**item).clone(),
        Type::Union(variants) => {
            let lists = variants.iter().filter(|variant| matches!(variant.required(), Type::List(_)));
            let items: Vec<Type> = lists.map(|list| item_type(list.required())).collect();
            if items.is_empty() { Type::Union(variants.clone()) } else { Type::Union(items) }
        }
        // Not a list: the check that follows says so.
        other => other.clone(),
    }
}

fn boolean(text: &str) -> Option<Value> {
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    let signed = text.parse::<i64>().ok().map(Number::from);
    let unsigned = || text.parse::<u64>().ok().map(Number::from);
    let float = || text.parse::<f64>().ok().and_then(Number::from_f64);
    signed.or_else(unsigned).or_else(float).map(Value::Number)
}

/// JSON other than a string: a text in quotation marks stays as it was typed.
fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(|value: &Value| !value.is_string())
}

fn structured(text: &str) -> Option<Value> {
    json(text).filter(|value| value.is_object() || value.is_array())
}

fn array(text: &str) -> Option<Value> {
    json(text).filter(Value::is_array)
}
