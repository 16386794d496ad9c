//! A predictor as we understand it: what `read` makes of the author's item, `check` judges and `expand` writes.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use syn::{Ident, Type};

use crate::limits::Limits;
use crate::shape::Shape;

/// A predictor.
pub(crate) struct Predictor {
    /// How many predictions run at the same time.
    pub(crate) concurrency: usize,
    /// How it is made.
    pub(crate) setup: Setup,
    /// The function that predicts.
    pub(crate) predict: Way,
    /// The health check, if there is one.
    pub(crate) healthcheck: Option<Healthcheck>,
}

/// How a predictor is made.
pub(crate) enum Setup {
    /// By the author's `setup`.
    Function {
        /// Where its name stands.
        span: Span,
        /// `async fn`.
        asynchronous: bool,
        /// It takes `&Setup`.
        takes_setup: bool,
    },
    /// By its `Default`.
    Default,
    /// It is the stand-in of a free function and has nothing in it.
    Nothing,
}

/// The author's health check.
pub(crate) struct Healthcheck {
    /// Where its name stands.
    pub(crate) span: Span,
    /// `async fn`.
    pub(crate) asynchronous: bool,
}

/// How predictions are made.
pub(crate) enum Way {
    /// Each by a call of its own.
    Alone(Box<Predict>),
    /// Several by one call.
    Together(Box<Together>),
}

/// A function that makes several predictions at once.
pub(crate) struct Together {
    /// What to write before the parentheses to call it.
    pub(crate) callee: TokenStream,
    /// It takes `&self`.
    pub(crate) method: bool,
    /// The type that holds the inputs of one prediction.
    pub(crate) inputs: Type,
    /// What it is handed, in order.
    pub(crate) handed: Vec<Handed>,
    /// What it gives for each prediction.
    pub(crate) answer: Answer,
    /// Whether the list of answers is in a `Result`.
    pub(crate) fallible: bool,
    /// How many it takes at most.
    pub(crate) max: usize,
    /// How long one waits for others.
    pub(crate) wait: Duration,
}

/// An argument of a function that makes several predictions at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handed {
    /// The inputs, one of each prediction.
    Inputs,
    /// The running predictions.
    Predictions,
}

/// The function that predicts.
pub(crate) struct Predict {
    /// What to write before the parentheses to call it.
    pub(crate) callee: TokenStream,
    /// It takes `&self`.
    pub(crate) method: bool,
    /// `async fn`.
    pub(crate) asynchronous: bool,
    /// Its parameters, less `self`.
    pub(crate) parameters: Vec<Parameter>,
    /// What it gives.
    pub(crate) answer: Answer,
}

/// A parameter of the function that predicts.
pub(crate) enum Parameter {
    /// An input.
    Input(Box<Input>),
    /// The running prediction.
    Prediction,
}

/// An input.
pub(crate) struct Input {
    /// The parameter's name.
    pub(crate) name: Ident,
    /// Its type.
    pub(crate) ty: Type,
    /// What the type's name says.
    pub(crate) shape: Shape,
    /// The doc comment.
    pub(crate) description: Option<String>,
    /// `#[input(…)]`.
    pub(crate) limits: Limits,
}

/// What the function gives.
pub(crate) struct Answer {
    /// The type of the value, or of each piece; with its `Result`, if it has one.
    pub(crate) ty: Type,
    /// How it comes.
    pub(crate) kind: AnswerKind,
    /// It borrows from the predictor, the prediction or nobody knows what: `&str`.
    pub(crate) borrows: bool,
}

/// How an output comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerKind {
    /// As one value.
    Single,
    /// From an iterator, which may be in a `Result`.
    Iterator { fallible: bool },
    /// From a stream, which may be in a `Result`.
    Stream { fallible: bool },
}

impl Input {
    /// The name on the wire.
    pub(crate) fn wire_name(&self) -> String {
        use syn::ext::IdentExt;
        self.name.unraw().to_string()
    }
}

impl Predict {
    /// The inputs, in order.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.parameters.iter().filter_map(|parameter| match parameter {
            Parameter::Input(input) => Some(&**input),
            Parameter::Prediction => None,
        })
    }
}
