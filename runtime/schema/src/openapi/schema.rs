//! Types as JSON Schema, in the dialect of OpenAPI 3.0.

use serde_json::{Map, Value, json};

use crate::number::plain_numbers;
use crate::{Field, Type};

/// The schema of a type, without a title.
pub(super) fn of_type(ty: &Type) -> Map<String, Value> {
    let value = match ty {
        Type::String => json!({"type": "string"}),
        Type::Boolean => json!({"type": "boolean"}),
        Type::Integer(range) => {
            let mut schema = json!({"type": "integer"});
            if let Some(min) = range.min {
                schema["minimum"] = min.into();
            }
            if let Some(max) = range.max {
                schema["maximum"] = max.into();
            }
            schema
        }
        Type::Number => json!({"type": "number"}),
        Type::Path => json!({"type": "string", "format": "uri"}),
        Type::Secret => {
            json!({"type": "string", "format": "password", "writeOnly": true, "x-cog-secret": true})
        }
        Type::Any => json!({"type": "object"}),
        Type::List(item) => json!({"type": "array", "items": of_type(item)}),
        Type::Map(item) if **item == Type::Any => json!({"type": "object"}),
        Type::Map(item) => json!({"type": "object", "additionalProperties": of_type(item)}),
        Type::Choice(choices) => of_choices(choices, ty.json_type()),
        Type::Union(variants) => json!({"anyOf": variants.iter().map(of_type).collect::<Vec<_>>()}),
        Type::Object(fields) => of_fields(fields),
        Type::Optional(inner) => {
            let mut schema = of_type(inner);
            nullable(&mut schema);
            Value::Object(schema)
        }
        Type::Unknown => json!({}),
    };
    match value {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

/// Lets a schema allow null. Every variant of a union says so too.
pub(super) fn nullable(schema: &mut Map<String, Value>) {
    schema.insert("nullable".to_owned(), true.into());
    for variant in schema.get_mut("anyOf").and_then(Value::as_array_mut).into_iter().flatten() {
        variant["nullable"] = true.into();
    }
}

pub(super) fn of_choices(choices: &[Value], json_type: Option<&'static str>) -> Value {
    let mut schema = json!({"enum": plain_numbers(&Value::from(choices))});
    if let Some(json_type) = json_type {
        schema["type"] = json_type.into();
    }
    schema
}

fn of_fields(fields: &[Field]) -> Value {
    let mut properties = Map::new();
    for field in fields {
        let mut property = of_type(&field.ty);
        property.insert("title".to_owned(), title(&field.name).into());
        if let Some(description) = &field.description {
            property.insert("description".to_owned(), description.as_str().into());
        }
        properties.insert(field.name.clone(), property.into());
    }
    let required: Vec<&str> =
        fields.iter().filter(|field| !field.ty.is_optional()).map(|field| field.name.as_str()).collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

/// `num_steps` → `Num Steps`: split at underscores, first letters raised.
pub(super) fn title(name: &str) -> String {
    let raise = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    };
    let words: Vec<String> = name.split('_').map(raise).collect();
    words.join(" ")
}
