//! Signatures: the typed inputs and the output of a predictor.

use serde_json::Value;

use crate::Type;

/// The typed inputs and the output of a predictor.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Inputs in the order in which the author wrote them.
    pub inputs: Vec<Input>,
    /// What a prediction gives.
    pub output: Output,
}

/// One input of a predictor.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The parameter's name.
    pub name: String,
    /// The parameter's type; `Type::Optional` where it may be left out.
    pub ty: Type,
    /// The author's words about it (the parameter's doc comment).
    pub description: Option<String>,
    /// The value used where a caller gives none, as JSON.
    pub default: Option<Value>,
    /// Limits beyond those of the type.
    pub constraints: Constraints,
    /// Callers should stop using it.
    pub deprecated: bool,
    /// Media types a file input is meant for, as in HTML's `accept` (`image/*`).
    pub accept: Option<String>,
}

/// Limits on a value beyond those of its type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constraints {
    /// Smallest number, inclusive.
    pub ge: Option<serde_json::Number>,
    /// Largest number, inclusive.
    pub le: Option<serde_json::Number>,
    /// Fewest characters (Unicode scalar values).
    pub min_length: Option<u64>,
    /// Most characters (Unicode scalar values).
    pub max_length: Option<u64>,
    /// A regular expression that must match somewhere in the text.
    pub regex: Option<String>,
    /// The only values allowed.
    pub choices: Option<Vec<Value>>,
}

/// What a prediction gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The type of the value, or of each item where the output comes in pieces.
    pub ty: Type,
    /// How the value arrives.
    pub delivery: Delivery,
}

/// How an output arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As one value.
    Single,
    /// Piece by piece: a list, each item as soon as it is made.
    Iterator,
    /// Piece by piece, and the pieces are text that reads as one.
    Concatenate,
}
