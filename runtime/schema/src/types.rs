//! The types that inputs and outputs are made of.

use serde_json::Value;

/// The type of an input, an output, or a part of either.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// An integer within a range; Rust's sized and unsigned integers carry theirs.
    Integer(IntegerRange),
    /// A number with a fraction (`f32`, `f64`).
    Number,
    /// A file: a URL on the wire, a local path in the predictor.
    Path,
    /// Text that is never shown again.
    Secret,
    /// A JSON object of no declared shape (`serde_json::Value`). The wire schema says `object`, and inputs are
    /// held to that; outputs may be anything.
    Any,
    /// `Vec<T>`.
    List(Box<Type>),
    /// `HashMap<String, T>`; with `T` = [`Type::Any`] the values may be anything.
    Map(Box<Type>),
    /// One of a closed set of values of one type (`#[derive(Choice)]`, `choices = […]`).
    Choice(Vec<Value>),
    /// One of several types, tried in order (`#[derive(Input)]` on an untagged enum).
    Union(Vec<Type>),
    /// A structure with named fields (`#[derive(Output)]`); outputs only.
    Object(Vec<Field>),
    /// `T` or nothing.
    Optional(Box<Type>),
    /// Something a foreign schema says and this crate does not understand: every value is allowed. Never a
    /// Rust predictor's.
    Unknown,
}

/// A named field of a structured output.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The field's name on the wire.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// The author's words about it.
    pub description: Option<String>,
}

/// Inclusive bounds that a Rust integer type imposes; `None` where the type's bound is that of `i64` (which
/// the wire calls plain `integer`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntegerRange {
    /// Smallest value.
    pub min: Option<i64>,
    /// Largest value.
    pub max: Option<u64>,
}

impl IntegerRange {
    /// `i64`, the wire's plain `integer`.
    pub const I64: Self = Self { min: None, max: None };
    /// `i8`.
    pub const I8: Self = Self { min: Some(i8::MIN as i64), max: Some(i8::MAX as u64) };
    /// `i16`.
    pub const I16: Self = Self { min: Some(i16::MIN as i64), max: Some(i16::MAX as u64) };
    /// `i32`.
    pub const I32: Self = Self { min: Some(i32::MIN as i64), max: Some(i32::MAX as u64) };
    /// `u8`.
    pub const U8: Self = Self { min: Some(0), max: Some(u8::MAX as u64) };
    /// `u16`.
    pub const U16: Self = Self { min: Some(0), max: Some(u16::MAX as u64) };
    /// `u32`.
    pub const U32: Self = Self { min: Some(0), max: Some(u32::MAX as u64) };
    /// `u64`.
    pub const U64: Self = Self { min: Some(0), max: Some(u64::MAX) };

    /// The ranges of Rust's own integer types that differ from `i64`.
    pub(crate) const OF_RUST: [Self; 7] =
        [Self::I8, Self::I16, Self::I32, Self::U8, Self::U16, Self::U32, Self::U64];

    /// The smallest value, spelled out.
    pub fn lowest(self) -> i64 {
        self.min.unwrap_or(i64::MIN)
    }

    /// The largest value, spelled out.
    pub fn highest(self) -> u64 {
        self.max.unwrap_or(i64::MAX as u64)
    }
}

impl Type {
    /// The type without its optionality.
    pub fn required(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner.required(),
            other => other,
        }
    }

    /// Whether the type is `Option<…>`.
    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_))
    }

    /// Whether a secret is, or may be somewhere inside, a value of this type.
    pub fn holds_secret(&self) -> bool {
        self.any(&|ty| matches!(ty, Type::Secret))
    }

    /// Whether a file is, or may be somewhere inside, a value of this type.
    pub fn holds_path(&self) -> bool {
        self.any(&|ty| matches!(ty, Type::Path))
    }

    fn any(&self, wanted: &dyn Fn(&Type) -> bool) -> bool {
        wanted(self)
            || match self {
                Type::List(inner) | Type::Map(inner) | Type::Optional(inner) => inner.any(wanted),
                Type::Union(variants) => variants.iter().any(|ty| ty.any(wanted)),
                Type::Object(fields) => fields.iter().any(|field| field.ty.any(wanted)),
                _ => false,
            }
    }

    /// The word JSON Schema has for the type; `None` for unions, mixed choices and the unknown.
    pub fn json_type(&self) -> Option<&'static str> {
        Some(match self {
            Type::String | Type::Path | Type::Secret => "string",
            Type::Boolean => "boolean",
            Type::Integer(_) => "integer",
            Type::Number => "number",
            Type::Any | Type::Map(_) | Type::Object(_) => "object",
            Type::List(_) => "array",
            Type::Choice(values) => return common_type(values),
            Type::Optional(inner) => return inner.json_type(),
            Type::Union(_) | Type::Unknown => return None,
        })
    }
}

/// JSON Schema's word for what a value is.
pub(crate) fn json_type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn common_type(values: &[Value]) -> Option<&'static str> {
    let mut types = values.iter().map(json_type_of);
    let first = types.next()?;
    types.try_fold(first, |common, next| match (common, next) {
        (a, b) if a == b => Some(a),
        ("integer" | "number", "integer" | "number") => Some("number"),
        _ => None,
    })
}
