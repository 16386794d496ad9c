//! A signature as an OpenAPI document.

use serde_json::{Map, Value, json};

use super::schema::{nullable, of_choices, of_type, title};
use super::{COMPONENTS, routes};
use crate::admits::Bounds;
use crate::number::plain_numbers;
use crate::{Delivery, Input, Output, Signature, Type};

/// The OpenAPI document of a predictor with that signature, made by that version of cog.
pub fn document(signature: &Signature, version: &str) -> Value {
    let mut components = routes::components("Prediction", "");
    components.extend(routes::shared_components());
    components.insert("Output".to_owned(), output(&signature.output));
    let input = inputs(signature, "Input", &mut components);
    components.insert("Input".to_owned(), input);
    json!({
        "openapi": "3.0.2",
        "info": {"title": "Cog", "version": version},
        "paths": routes::paths(signature.output.delivery == Delivery::Concatenate),
        "components": {"schemas": components},
    })
}

/// The same of a predictor that can also be trained, by a trainer of that signature.
pub fn document_with_training(signature: &Signature, training: &Signature, version: &str) -> Value {
    let mut document = document(signature, version);
    if let Some(components) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        components.extend(routes::components("Training", "Training"));
        components.insert("TrainingOutput".to_owned(), output(&training.output));
        let input = inputs(training, "TrainingInput", components);
        components.insert("TrainingInput".to_owned(), input);
    }
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths.extend(routes::training_paths());
    }
    document
}

/// The component of a signature's inputs; that of its choices become components of their own.
fn inputs(signature: &Signature, title: &str, components: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for (order, input) in signature.inputs.iter().enumerate() {
        properties.insert(input.name.clone(), property(input, order, components));
    }
    let required: Vec<&str> = signature
        .inputs
        .iter()
        .filter(|input| input.is_required())
        .map(|input| input.name.as_str())
        .collect();
    let mut inputs = json!({"title": title, "type": "object", "properties": properties});
    if !required.is_empty() {
        inputs["required"] = required.into();
    }
    inputs
}

fn output(output: &Output) -> Value {
    let mut schema = of_type(&output.ty);
    if output.delivery != Delivery::Single {
        schema = Map::from_iter([
            ("type".to_owned(), "array".into()),
            ("items".to_owned(), schema.into()),
            ("x-cog-array-type".to_owned(), "iterator".into()),
        ]);
    }
    if output.delivery == Delivery::Concatenate {
        schema.insert("x-cog-array-display".to_owned(), "concatenate".into());
    }
    schema.insert("title".to_owned(), "Output".into());
    schema.into()
}

fn property(input: &Input, order: usize, components: &mut Map<String, Value>) -> Value {
    let mut schema = match input.choices() {
        Some(choices) => chosen(input, choices, components),
        None => {
            let mut schema = of_type(input.ty.required());
            schema.insert("title".to_owned(), title(&input.name).into());
            schema
        }
    };
    constrain(&mut schema, input);
    if input.is_nullable() {
        nullable(&mut schema);
    }
    // A null default of what cannot be null is none.
    if let Some(default) = &input.default
        && (!default.is_null() || input.is_nullable())
    {
        schema.insert("default".to_owned(), plain_numbers(default));
    }
    if let Some(description) = &input.description {
        schema.insert("description".to_owned(), description.as_str().into());
    }
    if input.deprecated {
        schema.insert("deprecated".to_owned(), true.into());
    }
    if let Some(accept) = &input.accept {
        schema.insert("x-cog-accept".to_owned(), accept.as_str().into());
    }
    schema.insert("x-order".to_owned(), order.into());
    schema.into()
}

/// Choices are a component named as the input. Where the document needs that name for itself, the choices stay
/// inside the property.
fn chosen(input: &Input, choices: &[Value], components: &mut Map<String, Value>) -> Map<String, Value> {
    let json_type = match input.ty.required() {
        Type::Choice(_) => input.ty.json_type(),
        _ => input.ty.json_type().or_else(|| Type::Choice(choices.to_vec()).json_type()),
    };
    let mut component = of_choices(choices, json_type);
    component["title"] = input.name.as_str().into();
    component["description"] = "An enumeration.".into();
    let taken =
        matches!(input.name.as_str(), "Input" | "TrainingInput") || components.contains_key(&input.name);
    let member = if taken {
        component
    } else {
        components.insert(input.name.clone(), component);
        json!({"$ref": format!("{COMPONENTS}{}", input.name)})
    };
    Map::from_iter([("allOf".to_owned(), Value::Array(vec![member]))])
}

fn constrain(schema: &mut Map<String, Value>, input: &Input) {
    let limits = &input.constraints;
    let (minimum, maximum) = match input.ty.required() {
        Type::Integer(range) => {
            let bounds = Bounds::of_integer(*range, Some(limits));
            // The bounds of `i64` itself go without saying.
            let minimum = bounds.minimum.filter(|_| range.min.is_some() || limits.ge.is_some());
            (minimum, bounds.maximum.filter(|_| range.max.is_some() || limits.le.is_some()))
        }
        _ => {
            let bounds = Bounds::of_number(Some(limits));
            (bounds.minimum, bounds.maximum)
        }
    };
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema.insert(key.to_owned(), value);
        }
    };
    set("minimum", minimum.map(Value::Number));
    set("maximum", maximum.map(Value::Number));
    set("minLength", limits.min_length.map(Value::from));
    set("maxLength", limits.max_length.map(Value::from));
    set("pattern", limits.regex.as_ref().map(|regex| regex.as_str().into()));
}
