//! What the functions of a predictor may return: a value, or a `Result` of one.

use std::error::Error as StdError;

use crate::author::error::chain;
use crate::model::Failure;
use crate::{Error, Output, Result};

/// A value that a prediction gives, or a `Result` of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something that a predictor can return",
    label = "not an output type",
    note = "outputs are `String`, `bool`, `i8`…`i64`, `u8`…`u64`, `f32`, `f64`, `cog::Path`, `serde_json::Value`, \
            `()`, and `Vec<T>`, `HashMap<String, T>` and `Option<T>` of them, or a `Result` of any of these",
    note = "a struct derives `cog::Output`; an enum of words derives `cog::Choice`",
    note = "an output in pieces is written `impl Iterator<Item = T>` or `impl Stream<Item = T>`",
    note = "the error of a `Result` is `cog::Error`, any `std::error::Error + Send + Sync + 'static`, `String`, \
            or what else converts into `Box<dyn std::error::Error + Send + Sync>` (as `anyhow::Error` does)"
)]
pub trait Return {
    /// The value.
    type Value: Output;

    /// The value or the error.
    fn into_value(self) -> Result<Self::Value>;
}

impl<T: Output> Return for T {
    type Value = T;

    fn into_value(self) -> Result<T> {
        Ok(self)
    }
}

// `Result` will never be an `Output`, which is what lets these two stand side by side.
impl<T: Output, E: Fault> Return for Result<T, E> {
    type Value = T;

    fn into_value(self) -> Result<T> {
        self.map_err(Fault::into_error)
    }
}

/// An error that a predictor may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a predictor can return",
    label = "not an error type",
    note = "it may be `cog::Error`, any `std::error::Error + Send + Sync + 'static`, `String`, \
            or whatever else converts into `Box<dyn std::error::Error + Send + Sync>` (as `anyhow::Error` does)"
)]
pub trait Fault {
    /// The error, boxed.
    fn into_error(self) -> Error;
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> Fault for E {
    fn into_error(self) -> Error {
        Error::boxed(self.into())
    }
}

/// A predictor that `setup` made, or a `Result` of it.
#[diagnostic::on_unimplemented(
    message = "`setup` must return `Self` or a `Result` of it, not `{Self}`",
    label = "write `Result<Self>`"
)]
pub trait Made<P> {
    /// The predictor or the error.
    fn into_predictor(self) -> Result<P>;
}

impl<P> Made<P> for P {
    fn into_predictor(self) -> Result<P> {
        Ok(self)
    }
}

impl<P, E: Fault> Made<P> for Result<P, E> {
    fn into_predictor(self) -> Result<P> {
        self.map_err(Fault::into_error)
    }
}

/// What `healthcheck` found.
#[diagnostic::on_unimplemented(
    message = "`healthcheck` must return `bool`, `()` or a `Result` of either, not `{Self}`",
    label = "write `bool` or `Result<bool>`"
)]
pub trait Verdict {
    /// Nothing, or why the predictor is not healthy.
    fn into_verdict(self) -> Result<()>;
}

impl Verdict for bool {
    fn into_verdict(self) -> Result<()> {
        if self { Ok(()) } else { Err(Error::msg("user-defined healthcheck returned False")) }
    }
}

impl Verdict for () {
    fn into_verdict(self) -> Result<()> {
        Ok(())
    }
}

impl<V: Verdict, E: Fault> Verdict for Result<V, E> {
    fn into_verdict(self) -> Result<()> {
        self.map_err(Fault::into_error)?.into_verdict()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let error = error.as_std();
        if error.is::<crate::Canceled>() { Failure::Canceled } else { Failure::Error(chain(error)) }
    }
}
