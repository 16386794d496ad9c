//! Types and limits in a few words.

use cog_schema::{Delivery, Input, Output, Type};
use serde_json::Value;

/// Choices that are shown.
const SHOWN: usize = 6;

/// A type in a few words: `string`, `list of file`.
pub fn of_type(ty: &Type) -> String {
    match ty {
        Type::String => "string".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Integer(_) => "integer".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Path => "file".to_owned(),
        Type::Secret => "secret".to_owned(),
        Type::Any => "object".to_owned(),
        Type::List(item) => format!("list of {}", of_type(item)),
        Type::Map(item) if **item == Type::Any => "object".to_owned(),
        Type::Map(item) => format!("object of {}", of_type(item)),
        Type::Choice(_) => format!("one of {}", choices(ty).unwrap_or_default()),
        Type::Union(variants) => {
            let words: Vec<String> = variants.iter().map(of_type).collect();
            words.join(" or ")
        }
        Type::Object(fields) => {
            let words: Vec<String> =
                fields.iter().map(|field| format!("{}: {}", field.name, of_type(&field.ty))).collect();
            format!("{{{}}}", words.join(", "))
        }
        Type::Optional(inner) => format!("{} or null", of_type(inner)),
        Type::Unknown => "anything".to_owned(),
    }
}

/// An output in a few words.
pub fn of_output(output: &Output) -> String {
    let ty = of_type(&output.ty);
    match output.delivery {
        Delivery::Single => ty,
        Delivery::Iterator => format!("stream of {ty}"),
        Delivery::Concatenate => "stream of text".to_owned(),
    }
}

/// What an input's limits are: `1 to 8`, `at most 20 characters`.
pub fn limits(input: &Input) -> Vec<String> {
    let limits = &input.constraints;
    let mut words = Vec::new();
    match (&limits.ge, &limits.le) {
        (Some(least), Some(most)) => words.push(format!("{least} to {most}")),
        (Some(least), None) => words.push(format!("at least {least}")),
        (None, Some(most)) => words.push(format!("at most {most}")),
        (None, None) => {}
    }
    match (limits.min_length, limits.max_length) {
        (Some(least), Some(most)) => words.push(format!("{least} to {most} characters")),
        (Some(least), None) => words.push(format!("at least {least} characters")),
        (None, Some(most)) => words.push(format!("at most {most} characters")),
        (None, None) => {}
    }
    if let Some(regex) = &limits.regex {
        words.push(format!("matches `{}`", regex.as_str()));
    }
    if let Some(values) = &limits.choices {
        words.push(format!("one of {}", list(values)));
    }
    words
}

fn choices(ty: &Type) -> Option<String> {
    match ty {
        Type::Choice(values) => Some(list(values)),
        _ => None,
    }
}

fn list(values: &[Value]) -> String {
    let shown: Vec<String> = values.iter().take(SHOWN).map(Value::to_string).collect();
    let more =
        if values.len() > SHOWN { format!(" and {} more", values.len() - SHOWN) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
