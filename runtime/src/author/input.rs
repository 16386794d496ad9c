//! What a predictor can take: the types, how each reads its JSON, and what the macros may ask of it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::BuildHasher;

use cog_schema::{IntegerRange, Type};
use serde_json::{Map, Value};

use crate::{Path, Secret};

/// A type that a predictor can take.
///
/// Text (`String`), `bool`, integers (`i8` to `i64`, `u8` to `u64`), `f32` and `f64`, files ([`cog::Path`](Path)),
/// [`cog::Secret`](Secret), JSON objects (`serde_json::Value`), lists (`Vec<T>`), maps (`HashMap<String, T>`),
/// `Option<T>`, an enum that derives [`cog::Choice`](derive@crate::Choice) (one of a few words) or
/// [`cog::Input`](derive@crate::Input) (one of several types).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that a predictor can take",
    label = "not an input type",
    note = "inputs are `String`, `bool`, `i8`…`i64`, `u8`…`u64`, `f32`, `f64`, `cog::Path`, `cog::Secret`, \
            `serde_json::Value`, and `Vec<T>`, `HashMap<String, T>` and `Option<T>` of them",
    note = "an enum of words derives `cog::Choice`; an enum of types (a union) derives `cog::Input`"
)]
pub trait Input: Sized + Send + 'static {
    /// What kind of type it is, as far as limits are concerned.
    #[doc(hidden)]
    const KIND: Kind;

    /// The type as the signature has it.
    #[doc(hidden)]
    fn ty() -> Type;

    /// Reads a value that was checked against [`ty`](Self::ty).
    #[doc(hidden)]
    fn from_json(value: Value) -> Result<Self, Mismatch>;
}

/// What the limits in `#[input(…)]` may say about a type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Text,
    Integer,
    Number,
    Boolean,
    Words(&'static [&'static str]),
    Other,
}

/// A value that is not of the type it was checked for.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch(String);

impl Mismatch {
    #[doc(hidden)]
    pub fn new(expected: impl fmt::Display) -> Self {
        Self(format!("expected {expected}"))
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Input for String {
    const KIND: Kind = Kind::Text;

    fn ty() -> Type {
        Type::String
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err(Mismatch::new("text")),
        }
    }
}

impl Input for bool {
    const KIND: Kind = Kind::Boolean;

    fn ty() -> Type {
        Type::Boolean
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        value.as_bool().ok_or_else(|| Mismatch::new("`true` or `false`"))
    }
}

macro_rules! integers {
    ($($integer:ident $range:ident)*) => {$(
        impl Input for $integer {
            const KIND: Kind = Kind::Integer;

            fn ty() -> Type {
                Type::Integer(IntegerRange::$range)
            }

            fn from_json(value: Value) -> Result<Self, Mismatch> {
                value
                    .as_i64()
                    .and_then(|number| number.try_into().ok())
                    .or_else(|| value.as_u64().and_then(|number| number.try_into().ok()))
                    .ok_or_else(|| Mismatch::new(concat!("an integer (`", stringify!($integer), "`)")))
            }
        }
    )*};
}

integers!(i8 I8 i16 I16 i32 I32 i64 I64 isize I64 u8 U8 u16 U16 u32 U32 u64 U64 usize U64);

impl Input for f64 {
    const KIND: Kind = Kind::Number;

    fn ty() -> Type {
        Type::Number
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        value.as_f64().ok_or_else(|| Mismatch::new("a number"))
    }
}

impl Input for f32 {
    const KIND: Kind = Kind::Number;

    fn ty() -> Type {
        Type::Number
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        f64::from_json(value).map(|number| number as f32)
    }
}

impl Input for Path {
    const KIND: Kind = Kind::Other;

    fn ty() -> Type {
        Type::Path
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::String(path) => Ok(Path::new(path)),
            _ => Err(Mismatch::new("a file")),
        }
    }
}

impl Input for Secret {
    const KIND: Kind = Kind::Text;

    fn ty() -> Type {
        Type::Secret
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::String(text) => Ok(Secret::new(text)),
            _ => Err(Mismatch::new("a secret")),
        }
    }
}

impl Input for Value {
    const KIND: Kind = Kind::Other;

    fn ty() -> Type {
        Type::Any
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        Ok(value)
    }
}

impl Input for Map<String, Value> {
    const KIND: Kind = Kind::Other;

    fn ty() -> Type {
        Type::Any
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Object(entries) => Ok(entries),
            _ => Err(Mismatch::new("an object")),
        }
    }
}

impl<T: Input> Input for Vec<T> {
    const KIND: Kind = Kind::Other;

    fn ty() -> Type {
        Type::List(Box::new(T::ty()))
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Array(values) => values.into_iter().map(T::from_json).collect(),
            _ => Err(Mismatch::new("a list")),
        }
    }
}

fn entries<T: Input, M: FromIterator<(String, T)>>(value: Value) -> Result<M, Mismatch> {
    match value {
        Value::Object(entries) => {
            entries.into_iter().map(|(key, value)| Ok((key, T::from_json(value)?))).collect()
        }
        _ => Err(Mismatch::new("an object")),
    }
}

impl<T: Input, S: BuildHasher + Default + Send + 'static> Input for HashMap<String, T, S> {
    const KIND: Kind = Kind::Other;

    fn ty() -> Type {
        Type::Map(Box::new(T::ty()))
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        entries(value)
    }
}

impl<T: Input> Input for BTreeMap<String, T> {
    const KIND: Kind = Kind::Other;

    fn ty() -> Type {
        Type::Map(Box::new(T::ty()))
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        entries(value)
    }
}

impl<T: Input> Input for Option<T> {
    const KIND: Kind = T::KIND;

    fn ty() -> Type {
        Type::Optional(Box::new(T::ty()))
    }

    fn from_json(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Null => Ok(None),
            value => T::from_json(value).map(Some),
        }
    }
}
