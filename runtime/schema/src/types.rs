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
    /// Any JSON value (`serde_json::Value`); the wire schema says `object`.
    Any,
    /// `Vec<T>`.
    List(Box<Type>),
    /// `HashMap<String, T>`.
    Map(Box<Type>),
    /// One of a closed set of values of one type (`#[derive(Choice)]`, `choices = […]`).
    Choice(Vec<Value>),
    /// One of several types, tried in order (`#[derive(Input)]` on an untagged enum).
    Union(Vec<Type>),
    /// A structure with named fields (`#[derive(Output)]`); outputs only.
    Object(Vec<Field>),
    /// `T` or nothing.
    Optional(Box<Type>),
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
