//! An OpenAPI document as a signature.
//!
//! The document may come from an image of any language and age. What is not understood becomes
//! [`Type::Unknown`], which allows everything: the server then has the last word. Only a document without any
//! inputs component is refused.

use std::cell::Cell;
use std::fmt;

use serde_json::{Map, Number, Value};

use super::COMPONENTS;
use crate::number::plain_numbers;
use crate::{Constraints, Delivery, Field, Input, IntegerRange, Output, Pattern, Signature, Type};

/// Why a document cannot be read as a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadFault {
    /// It has no `components.schemas.Input`.
    NoInput,
    /// Its `Input` component is not the schema of an object.
    InputNotAnObject,
}

impl fmt::Display for ReadFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadFault::NoInput => out.write_str("no component `Input` in the OpenAPI document"),
            ReadFault::InputNotAnObject => {
                out.write_str("component `Input` of the OpenAPI document is not the schema of an object")
            }
        }
    }
}

impl std::error::Error for ReadFault {}

/// How deep schemas may refer to and nest in each other; a document that goes round in circles ends here.
const DEPTH: usize = 32;
/// How many schemas may be looked at; where one refers several times to itself, depth alone bounds nothing.
const MOST: usize = 10_000;

/// Reads the signature of predictions out of a document.
pub fn read(document: &Value) -> Result<Signature, ReadFault> {
    components(document, "Input", "Output")
}

/// Reads the signature of trainings out of a document; where it has none of its own, it is that of predictions.
pub fn read_training(document: &Value) -> Result<Signature, ReadFault> {
    if trains(document) { components(document, "TrainingInput", "TrainingOutput") } else { read(document) }
}

/// Whether a document has trainings of its own.
pub fn trains(document: &Value) -> bool {
    document.pointer("/components/schemas/TrainingInput").is_some()
}

fn components(document: &Value, input: &str, output: &str) -> Result<Signature, ReadFault> {
    let reader = Reader { components: document.pointer("/components/schemas"), left: Cell::new(MOST) };
    let component = reader.component(input).ok_or(ReadFault::NoInput)?;
    let schema = component.as_object().ok_or(ReadFault::InputNotAnObject)?;
    if schema.get("type").is_some_and(|ty| ty != "object") {
        return Err(ReadFault::InputNotAnObject);
    }
    let mut properties: Vec<(&String, &Value)> =
        schema.get("properties").and_then(Value::as_object).into_iter().flatten().collect();
    // Stable: properties without an order keep the document's, behind those with one.
    properties
        .sort_by_key(|(_, property)| property.get("x-order").and_then(Value::as_u64).unwrap_or(u64::MAX));
    let required = schema.get("required").and_then(Value::as_array);
    let is_required =
        |name: &str| required.is_some_and(|names| names.iter().any(|required| required == name));
    let inputs = properties
        .into_iter()
        .map(|(name, property)| reader.input(name, property, is_required(name)))
        .collect();
    Ok(Signature { inputs, output: reader.output(output) })
}

struct Reader<'a> {
    components: Option<&'a Value>,
    /// How many schemas may still be looked at.
    left: Cell<usize>,
}

impl<'a> Reader<'a> {
    fn component(&self, name: &str) -> Option<&'a Value> {
        self.components?.get(name)
    }

    fn input(&self, name: &str, property: &Value, required: bool) -> Input {
        let empty = Map::new();
        let schema = property.as_object().unwrap_or(&empty);
        let text = |key: &str| schema.get(key).and_then(Value::as_str).map(str::to_owned);
        let mut ty = self.ty(property, DEPTH);
        let constraints = constraints(schema, &mut ty);
        let mut default = schema.get("default").cloned();
        let union = matches!(ty.required(), Type::Union(_));
        match (required, default.as_ref().is_none_or(Value::is_null)) {
            // What must be given is not optional, though older documents call it nullable as well.
            (true, true) if default.is_none() && !union => ty = ty.required().clone(),
            // What may be left out without a default is optional, though it is not called nullable.
            (false, true) => ty = optional(ty),
            _ => {}
        }
        if union && !required && default.is_none() {
            default = Some(Value::Null);
        }
        Input {
            name: name.to_owned(),
            ty,
            description: text("description"),
            default,
            constraints,
            deprecated: schema.get("deprecated") == Some(&Value::Bool(true)),
            accept: text("x-cog-accept"),
        }
    }

    fn output(&self, name: &str) -> Output {
        let Some(schema) = self.component(name) else {
            return Output { ty: Type::Unknown, delivery: Delivery::Single };
        };
        let ty = self.ty(schema, DEPTH);
        let iterates = schema.get("x-cog-array-type").is_some_and(|kind| kind == "iterator");
        let concatenates = schema.get("x-cog-array-display").is_some_and(|kind| kind == "concatenate");
        match ty {
            Type::List(item) if concatenates => Output { ty: *item, delivery: Delivery::Concatenate },
            Type::List(item) if iterates => Output { ty: *item, delivery: Delivery::Iterator },
            ty => Output { ty, delivery: Delivery::Single },
        }
    }

    fn ty(&self, schema: &Value, depth: usize) -> Type {
        let left = self.left.get();
        let Some(schema) = schema.as_object().filter(|_| depth > 0 && left > 0) else { return Type::Unknown };
        self.left.set(left - 1);
        let (ty, says_null) = self.bare(schema, depth - 1);
        let nullable = says_null || schema.get("nullable") == Some(&Value::Bool(true));
        if nullable { optional(ty) } else { ty }
    }

    /// The type, and whether it allows null other than by `nullable`.
    fn bare(&self, schema: &Map<String, Value>, depth: usize) -> (Type, bool) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix(COMPONENTS).and_then(|name| self.component(name));
            return (target.map_or(Type::Unknown, |target| self.ty(target, depth)), false);
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
            return (Type::Choice(choices.iter().map(plain_numbers).collect()), false);
        }
        if let Some(members) = schema.get("allOf").and_then(Value::as_array) {
            let known = members.iter().map(|member| self.ty(member, depth)).find(|ty| *ty != Type::Unknown);
            return (known.unwrap_or(Type::Unknown), false);
        }
        if let Some(variants) = schema.get("anyOf").or(schema.get("oneOf")).and_then(Value::as_array) {
            return self.union(variants, depth);
        }
        match schema.get("type") {
            Some(Value::String(name)) => (self.named(name, schema, depth), false),
            Some(Value::Array(names)) => {
                let null = names.iter().any(|name| name == "null");
                let mut types = names
                    .iter()
                    .filter_map(Value::as_str)
                    .filter(|name| *name != "null")
                    .map(|name| self.named(name, schema, depth));
                match (types.next(), types.next()) {
                    (Some(only), None) => (only, null),
                    _ => (Type::Unknown, null),
                }
            }
            _ => (Type::Unknown, false),
        }
    }

    fn union(&self, variants: &[Value], depth: usize) -> (Type, bool) {
        let is_null = |variant: &&Value| variant.get("type").is_some_and(|ty| ty == "null");
        let null = variants.iter().any(|variant| is_null(&variant));
        let mut types: Vec<Type> = variants
            .iter()
            .filter(|variant| !is_null(variant))
            .map(|variant| self.ty(variant, depth))
            .collect();
        if null && types.len() == 1 {
            return (types.remove(0), true);
        }
        // One variant that is not understood may allow anything.
        let unknown = types.is_empty() || types.iter().any(|ty| *ty.required() == Type::Unknown);
        (if unknown { Type::Unknown } else { Type::Union(types) }, null)
    }

    fn named(&self, name: &str, schema: &Map<String, Value>, depth: usize) -> Type {
        match name {
            "string" => text(schema),
            "boolean" => Type::Boolean,
            "number" => Type::Number,
            "integer" => Type::Integer(IntegerRange {
                min: schema.get("minimum").and_then(Value::as_i64),
                max: schema.get("maximum").and_then(Value::as_u64),
            }),
            "array" => {
                let item = schema.get("items").map_or(Type::Unknown, |items| self.ty(items, depth));
                Type::List(Box::new(item))
            }
            "object" => self.object(schema, depth),
            _ => Type::Unknown,
        }
    }

    fn object(&self, schema: &Map<String, Value>, depth: usize) -> Type {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            let required = schema.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let position = |name: &str| required.iter().position(|required| required == name);
            let mut properties: Vec<(&String, &Value)> = properties.iter().collect();
            // Required fields are listed in the author's order, the only trace of it.
            properties.sort_by_key(|(name, _)| position(name).unwrap_or(usize::MAX));
            let field = |(name, property): (&String, &Value)| {
                let mut ty = self.ty(property, depth);
                if position(name).is_none() && !ty.is_optional() {
                    ty = Type::Optional(Box::new(ty));
                }
                let description = property.get("description").and_then(Value::as_str).map(str::to_owned);
                Field { name: name.clone(), ty, description }
            };
            return Type::Object(properties.into_iter().map(field).collect());
        }
        match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => Type::Map(Box::new(self.ty(values, depth))),
            _ => Type::Any,
        }
    }
}

/// The type or nothing; said once.
fn optional(ty: Type) -> Type {
    match ty {
        Type::Optional(_) => ty,
        // Each variant of a nullable union says `nullable` as well.
        Type::Union(variants) => {
            let variants = variants.into_iter().map(|variant| variant.required().clone()).collect();
            Type::Optional(Box::new(Type::Union(variants)))
        }
        ty => Type::Optional(Box::new(ty)),
    }
}

fn text(schema: &Map<String, Value>) -> Type {
    let format = schema.get("format").and_then(Value::as_str);
    if schema.get("x-cog-secret") == Some(&Value::Bool(true)) || format == Some("password") {
        Type::Secret
    } else if format == Some("uri") {
        Type::Path
    } else {
        Type::String
    }
}

/// The limits that a property states. The bounds of an integer are its type's where a Rust type has just those,
/// else constraints.
fn constraints(schema: &Map<String, Value>, ty: &mut Type) -> Constraints {
    let number = |key: &str| schema.get(key).and_then(Value::as_number).cloned();
    let length = |key: &str| schema.get(key).and_then(Value::as_u64);
    let mut limits = Constraints {
        ge: number("minimum"),
        le: number("maximum"),
        min_length: length("minLength"),
        max_length: length("maxLength"),
        regex: schema.get("pattern").and_then(Value::as_str).map(Pattern::new),
        choices: None,
    };
    let bare = match ty {
        Type::Optional(inner) => inner.as_mut(),
        ty => ty,
    };
    // An integer behind a reference keeps what was said there.
    if let (Type::Integer(range), Some(_)) = (bare, schema.get("type")) {
        if IntegerRange::OF_RUST.contains(range) {
            (limits.ge, limits.le) = (None, None);
        } else {
            // Bounds beyond plain `integer` are a `u64`'s, narrowed.
            let beyond = limits.le.as_ref().and_then(Number::as_u64).is_some_and(|le| le > i64::MAX as u64);
            *range = IntegerRange { min: None, max: beyond.then_some(u64::MAX) };
        }
    }
    limits
}
