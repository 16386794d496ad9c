//! What a predictor can give: the types, and how each leaves.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use cog_schema::{Delivery, IntegerRange, Type};
use serde_json::{Map, Value};

use crate::model::OutputValue;
use crate::{Error, Path, Result, Token};

/// A type that a predictor can give.
///
/// Text, `bool`, integers, `f32` and `f64`, files ([`cog::Path`](Path)), any JSON (`serde_json::Value`), `()` for
/// nothing, lists (`Vec<T>`, arrays), maps (`HashMap<String, T>`), `Option<T>`, a struct that derives
/// [`cog::Output`](derive@crate::Output), an enum that derives [`cog::Choice`](derive@crate::Choice).
///
/// Piece by piece: a function may return `impl Iterator<Item = T>` or `impl Stream<Item = T>` of such types, of
/// `Result`s of them, or of [`Token`]s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that a predictor can give",
    label = "not an output type",
    note = "outputs are `String`, `bool`, `i8`…`i64`, `u8`…`u64`, `f32`, `f64`, `cog::Path`, `serde_json::Value`, \
            `()`, and `Vec<T>`, `HashMap<String, T>` and `Option<T>` of them",
    note = "a struct derives `cog::Output`; an enum of words derives `cog::Choice`",
    note = "an output in pieces is written `impl Iterator<Item = T>` or `impl Stream<Item = T>`"
)]
pub trait Output {
    /// How pieces of this type arrive.
    #[doc(hidden)]
    const DELIVERY: Delivery = Delivery::Iterator;

    /// The type as the signature has it.
    #[doc(hidden)]
    fn ty() -> Type;

    /// The value on its way out.
    ///
    /// # Errors
    /// A value that JSON cannot say.
    #[doc(hidden)]
    fn into_output(self) -> Result<OutputValue>;
}

macro_rules! plain {
    ($($output:ty => $ty:expr;)*) => {$(
        impl Output for $output {
            fn ty() -> Type {
                $ty
            }

            fn into_output(self) -> Result<OutputValue> {
                Ok(OutputValue::Json(self.into()))
            }
        }
    )*};
}

plain! {
    String => Type::String;
    &str => Type::String;
    Cow<'_, str> => Type::String;
    bool => Type::Boolean;
    i8 => Type::Integer(IntegerRange::I8);
    i16 => Type::Integer(IntegerRange::I16);
    i32 => Type::Integer(IntegerRange::I32);
    i64 => Type::Integer(IntegerRange::I64);
    isize => Type::Integer(IntegerRange::I64);
    u8 => Type::Integer(IntegerRange::U8);
    u16 => Type::Integer(IntegerRange::U16);
    u32 => Type::Integer(IntegerRange::U32);
    u64 => Type::Integer(IntegerRange::U64);
    usize => Type::Integer(IntegerRange::U64);
    Value => Type::Any;
    Map<String, Value> => Type::Any;
}

impl Output for f64 {
    fn ty() -> Type {
        Type::Number
    }

    fn into_output(self) -> Result<OutputValue> {
        match serde_json::Number::from_f64(self) {
            Some(number) => Ok(OutputValue::Json(Value::Number(number))),
            None => Err(Error::msg(format_args!("the output holds {self}, which JSON cannot say"))),
        }
    }
}

impl Output for f32 {
    fn ty() -> Type {
        Type::Number
    }

    fn into_output(self) -> Result<OutputValue> {
        // By way of its shortest text: `0.1_f32` leaves as 0.1 and not as 0.10000000149011612.
        let shortest = self.to_string().parse().unwrap_or_else(|_| f64::from(self));
        shortest.into_output()
    }
}

impl Output for () {
    fn ty() -> Type {
        Type::Optional(Box::new(Type::Any))
    }

    fn into_output(self) -> Result<OutputValue> {
        Ok(OutputValue::Json(Value::Null))
    }
}

impl Output for Path {
    fn ty() -> Type {
        Type::Path
    }

    fn into_output(self) -> Result<OutputValue> {
        Ok(OutputValue::File(self.into_path_buf()))
    }
}

impl Output for Token {
    const DELIVERY: Delivery = Delivery::Concatenate;

    fn ty() -> Type {
        Type::String
    }

    fn into_output(self) -> Result<OutputValue> {
        self.0.into_output()
    }
}

impl<T: Output> Output for Option<T> {
    fn ty() -> Type {
        Type::Optional(Box::new(T::ty()))
    }

    fn into_output(self) -> Result<OutputValue> {
        self.map_or(Ok(OutputValue::Json(Value::Null)), T::into_output)
    }
}

impl<T: Output> Output for Box<T> {
    fn ty() -> Type {
        T::ty()
    }

    fn into_output(self) -> Result<OutputValue> {
        (*self).into_output()
    }
}

fn list<T: Output>(values: impl IntoIterator<Item = T>) -> Result<OutputValue> {
    let values = values.into_iter().map(T::into_output).collect::<Result<_>>()?;
    Ok(OutputValue::List(values))
}

impl<T: Output> Output for Vec<T> {
    fn ty() -> Type {
        Type::List(Box::new(T::ty()))
    }

    fn into_output(self) -> Result<OutputValue> {
        list(self)
    }
}

impl<T: Output, const N: usize> Output for [T; N] {
    fn ty() -> Type {
        Type::List(Box::new(T::ty()))
    }

    fn into_output(self) -> Result<OutputValue> {
        list(self)
    }
}

fn map<T: Output>(entries: impl IntoIterator<Item = (String, T)>) -> Result<OutputValue> {
    let entries =
        entries.into_iter().map(|(key, value)| Ok((key, value.into_output()?))).collect::<Result<_>>()?;
    Ok(OutputValue::Object(entries))
}

impl<T: Output, S> Output for HashMap<String, T, S> {
    fn ty() -> Type {
        Type::Map(Box::new(T::ty()))
    }

    fn into_output(self) -> Result<OutputValue> {
        map(self)
    }
}

impl<T: Output> Output for BTreeMap<String, T> {
    fn ty() -> Type {
        Type::Map(Box::new(T::ty()))
    }

    fn into_output(self) -> Result<OutputValue> {
        map(self)
    }
}

impl OutputValue {
    /// Plain JSON, with files as their local paths.
    pub(crate) fn into_plain(self) -> Value {
        match self {
            Self::Json(value) => value,
            Self::File(path) => path.to_string_lossy().into(),
            Self::List(values) => values.into_iter().map(Self::into_plain).collect(),
            Self::Object(fields) => {
                fields.into_iter().map(|(name, value)| (name, value.into_plain())).collect()
            }
        }
    }
}
