//! Signatures: the typed inputs and the output of a predictor.

use serde_json::{Number, Value};

use crate::{Pattern, Type};

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
    pub ge: Option<Number>,
    /// Largest number, inclusive.
    pub le: Option<Number>,
    /// Fewest characters (Unicode scalar values).
    pub min_length: Option<u64>,
    /// Most characters (Unicode scalar values).
    pub max_length: Option<u64>,
    /// A regular expression that must match somewhere in the text.
    pub regex: Option<Pattern>,
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

impl Signature {
    /// The input of that name.
    pub fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name == name)
    }
}

impl Input {
    /// An input of that name and type, with nothing else said about it.
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        Self {
            name: name.into(),
            ty,
            description: None,
            default: None,
            constraints: Constraints::default(),
            deprecated: false,
            accept: None,
        }
    }

    /// Whether null is a value of this input: its type is optional, or it is a secret whose default is null.
    pub fn is_nullable(&self) -> bool {
        self.ty.is_optional() || (self.ty == Type::Secret && self.default == Some(Value::Null))
    }

    /// Whether a caller must give it: it has no default and is not optional. An optional union stays required
    /// until it has a default, as existing clients know it.
    pub fn is_required(&self) -> bool {
        match &self.default {
            Some(Value::Null) => !self.is_nullable(),
            Some(_) => false,
            None => !self.ty.is_optional() || matches!(self.ty.required(), Type::Union(_)),
        }
    }

    /// Whether it takes a list.
    pub fn takes_list(&self) -> bool {
        match self.ty.required() {
            Type::List(_) => true,
            Type::Union(variants) => {
                variants.iter().all(|variant| matches!(variant.required(), Type::List(_)))
            }
            _ => false,
        }
    }

    /// The only values allowed, wherever they were declared.
    pub fn choices(&self) -> Option<&[Value]> {
        match (&self.constraints.choices, self.ty.required()) {
            (Some(choices), _) | (None, Type::Choice(choices)) => Some(choices),
            _ => None,
        }
    }
}
