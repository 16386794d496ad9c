//! What the macros' expansions call: from a function with typed parameters to [`crate::model`].
//!
//! Doing as much as can be here keeps expansions short enough to be read.

mod batch;

use std::future::Future;
use std::pin::pin;

use cog_schema::{Constraints, Delivery, Field, Output as Declared, Pattern, Type};
use futures_util::{Stream, StreamExt};
use serde_json::Number;
pub use serde_json::Value;

pub use self::batch::{Together, batch_of_one, inputs, together};
pub use crate::author::input::{Kind, Mismatch};
pub use crate::author::returns::{Fault, Made, Return, Verdict};
use crate::model::{Failure, OutputValue, Prediction, Running};
use crate::{Choice, Error, Input, Output};

/// The input at position `N` of a predictor. One place for the bound, so that a type which is no input is
/// reported once.
pub trait Parameter<const N: usize> {
    /// The parameter's type.
    type Type: Input;
}

/// What a predictor gives, or each piece of it. One place for the bound, as with [`Parameter`].
pub trait Answer {
    /// The type of the value or piece, in its `Result` if it has one.
    type Type: Return;
}

/// The field at position `N` of a structured output.
pub trait Part<const N: usize> {
    /// The field's type.
    type Type: Output;
}

/// A checked input.
pub type Map = serde_json::Map<String, Value>;

type Given<P> = <<P as Answer>::Type as Return>::Value;

/// The signature of a predictor that gives one value.
pub fn single<P: Answer>() -> Declared {
    Declared { ty: Given::<P>::ty(), delivery: Delivery::Single }
}

/// The signature of a predictor that gives its output in pieces.
pub fn pieces<P: Answer>() -> Declared {
    Declared { ty: Given::<P>::ty(), delivery: Given::<P>::DELIVERY }
}

/// The declaration of the input at position `N`.
pub fn input<P: Parameter<N>, const N: usize>(name: &str) -> Declaration<P::Type> {
    let input = cog_schema::Input::new(name, P::Type::ty());
    Declaration { input, of: std::marker::PhantomData }
}

/// An input's declaration under way. JSON texts were written by the macros and are well-formed.
pub struct Declaration<T> {
    input: cog_schema::Input,
    of: std::marker::PhantomData<T>,
}

impl<T> Declaration<T> {
    /// The author's words.
    pub fn description(mut self, words: &str) -> Self {
        self.input.description = Some(words.to_owned());
        self
    }

    /// A default as JSON text.
    pub fn default(mut self, json: &str) -> Self {
        self.input.default = serde_json::from_str(json).ok();
        self
    }

    /// A default that is a value in the author's program.
    pub fn default_to(mut self, value: T) -> Self
    where
        T: Output,
    {
        self.input.default = value.into_output().ok().map(OutputValue::into_plain);
        self
    }

    /// The smallest number, as JSON text.
    pub fn ge(self, json: &str) -> Self {
        self.limit(|limits| limits.ge = number(json))
    }

    /// The largest number, as JSON text.
    pub fn le(self, json: &str) -> Self {
        self.limit(|limits| limits.le = number(json))
    }

    /// The fewest characters.
    pub fn min_length(self, length: u64) -> Self {
        self.limit(|limits| limits.min_length = Some(length))
    }

    /// The most characters.
    pub fn max_length(self, length: u64) -> Self {
        self.limit(|limits| limits.max_length = Some(length))
    }

    /// The expression that must match.
    pub fn regex(self, regex: &str) -> Self {
        self.limit(|limits| limits.regex = Some(Pattern::new(regex)))
    }

    /// The only values, as a JSON list.
    pub fn choices(self, json: &str) -> Self {
        self.limit(|limits| limits.choices = serde_json::from_str(json).ok())
    }

    /// Callers should stop using it.
    pub fn deprecated(mut self) -> Self {
        self.input.deprecated = true;
        self
    }

    /// Media types.
    pub fn accept(mut self, types: &str) -> Self {
        self.input.accept = Some(types.to_owned());
        self
    }

    /// The declaration.
    pub fn finish(self) -> cog_schema::Input {
        self.input
    }

    fn limit(mut self, set: impl FnOnce(&mut Constraints)) -> Self {
        set(&mut self.input.constraints);
        self
    }
}

fn number(json: &str) -> Option<Number> {
    serde_json::from_str(json).ok()
}

/// The inputs of one prediction, to be taken out one by one.
pub struct Arguments(Map);

impl Arguments {
    /// Takes the argument at position `N`.
    ///
    /// # Errors
    /// A value that is not of the parameter's type; checked input has none.
    pub fn take<P: Parameter<N>, const N: usize>(&mut self, name: &str) -> Result<P::Type, Failure> {
        let value = self.0.remove(name).unwrap_or_default();
        P::Type::from_json(value).map_err(|mismatch| Failure::Error(format!("input `{name}`: {mismatch}")))
    }
}

/// Drives an `async fn setup` to its end. The caller has entered a runtime, on a thread that may block.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Handle::current().block_on(future)
}

/// The predictor that `setup` made.
///
/// # Errors
/// The author's.
pub fn made<P>(made: impl Made<P>) -> Result<P, Failure> {
    Ok(made.into_predictor()?)
}

/// What `healthcheck` found, as the running side sees it.
///
/// # Errors
/// Why the predictor is not healthy.
pub fn verdict(verdict: impl Verdict) -> Result<(), Failure> {
    Ok(verdict.into_verdict()?)
}

/// A prediction by a plain function.
pub fn blocking(
    input: Map,
    prediction: Prediction,
    run: impl FnOnce(&mut Arguments, &Prediction) -> Result<(), Failure> + Send + 'static,
) -> Running {
    Running::Blocking(Box::new(move || {
        let result = run(&mut Arguments(input), &prediction);
        settle(result, &prediction)
    }))
}

/// A prediction by an asynchronous function.
pub fn asynchronous<F>(
    input: Map,
    prediction: Prediction,
    run: impl FnOnce(Arguments, Prediction) -> F,
) -> Running
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let running = run(Arguments(input), prediction.clone());
    Running::Async(Box::pin(async move { settle(running.await, &prediction) }))
}

/// Whatever a prediction fails with after its caller has given up, it was canceled.
fn settle(result: Result<(), Failure>, prediction: &Prediction) -> Result<(), Failure> {
    match result {
        Err(_) if prediction.cancelled() => Err(Failure::Canceled),
        result => result,
    }
}

/// What the function gave, or a piece of it, on its way out.
///
/// # Errors
/// The author's; a value that JSON cannot say.
pub fn output<P: Answer>(answer: P::Type) -> Result<OutputValue, Failure> {
    borrowed(answer)
}

/// The same of a type that borrows, for which [`Answer`] has no name.
///
/// # Errors
/// As [`output`].
pub fn borrowed(answer: impl Return) -> Result<OutputValue, Failure> {
    Ok(answer.into_value()?.into_output()?)
}

/// The iterator or stream inside a `Result`.
///
/// # Errors
/// The author's.
pub fn started<T, E: Fault>(answer: Result<T, E>) -> Result<T, Failure> {
    Ok(answer.map_err(Fault::into_error)?)
}

/// Delivers one value.
///
/// # Errors
/// That of the value; a reader that is gone.
pub fn deliver(prediction: &Prediction, value: Result<OutputValue, Failure>) -> Result<(), Failure> {
    prediction.inner.output_blocking(value?)
}

/// Delivers one value from an asynchronous function.
///
/// # Errors
/// As [`deliver`].
pub async fn deliver_async(
    prediction: &Prediction,
    value: Result<OutputValue, Failure>,
) -> Result<(), Failure> {
    prediction.inner.output(value?).await
}

/// Delivers the items of an iterator, each as soon as it is made, until the caller gives up.
///
/// # Errors
/// As [`deliver`]; an item's error ends the prediction.
pub fn iterate<I: IntoIterator>(
    prediction: &Prediction,
    items: I,
    output: impl Fn(I::Item) -> Result<OutputValue, Failure>,
) -> Result<(), Failure> {
    let mut items = items.into_iter();
    loop {
        if prediction.cancelled() {
            return Err(Failure::Canceled);
        }
        let Some(item) = items.next() else { return Ok(()) };
        deliver(prediction, output(item))?;
    }
}

/// Delivers the items of an iterator that an asynchronous function gave.
///
/// # Errors
/// As [`iterate`].
pub async fn iterate_async<I: IntoIterator<IntoIter: Send>>(
    prediction: &Prediction,
    items: I,
    output: impl Fn(I::Item) -> Result<OutputValue, Failure> + Send,
) -> Result<(), Failure> {
    let mut items = items.into_iter();
    loop {
        if prediction.cancelled() {
            return Err(Failure::Canceled);
        }
        let Some(value) = items.next().map(&output) else { return Ok(()) };
        deliver_async(prediction, value).await?;
    }
}

/// Delivers the items of a stream.
///
/// # Errors
/// As [`iterate`].
pub async fn stream<S: Stream + Send>(
    prediction: &Prediction,
    items: S,
    output: impl Fn(S::Item) -> Result<OutputValue, Failure> + Send,
) -> Result<(), Failure> {
    let mut items = pin!(items);
    while let Some(value) = items.next().await.map(&output) {
        deliver_async(prediction, value).await?;
    }
    Ok(())
}

/// Reads one of the words of a choice.
///
/// # Errors
/// Where it is none of them.
pub fn choose<C: Choice>(value: &Value) -> Result<C, Mismatch> {
    let chosen = value.as_str().and_then(C::from_word);
    chosen.ok_or_else(|| Mismatch::new(format_args!("one of {}", C::WORDS.join(", "))))
}

/// The type of a choice.
pub fn words<C: Choice>() -> Type {
    Type::Choice(C::WORDS.iter().map(|word| Value::from(*word)).collect())
}

/// The type of a union's member at position `N`.
pub fn ty<P: Parameter<N>, const N: usize>() -> Type {
    P::Type::ty()
}

/// The value as the union's member at position `N`, if its type admits it: then it is that one and no other, as for
/// those who fetched its files.
pub fn member<P: Parameter<N>, const N: usize>(value: &Value) -> Option<Result<P::Type, Mismatch>> {
    P::Type::ty().admits(value).then(|| P::Type::from_json(value.clone()))
}

/// The declaration of the field at position `N`.
pub fn field<P: Part<N>, const N: usize>(name: &str, description: Option<&str>) -> Field {
    Field { name: name.to_owned(), ty: P::Type::ty(), description: description.map(str::to_owned) }
}

/// The value of the field at position `N`, on its way out.
///
/// # Errors
/// A value that JSON cannot say, with the name of the field it is in.
pub fn value<P: Part<N>, const N: usize>(name: &str, value: P::Type) -> crate::Result<(String, OutputValue)> {
    match value.into_output() {
        Ok(value) => Ok((name.to_owned(), value)),
        Err(error) => Err(Error::msg(format_args!("`{name}`: {error}"))),
    }
}

/// Checks of limits on types that the macros could not see through; run by the compiler.
pub mod check {
    use super::Kind;
    use crate::Input;

    /// `ge`, `le`.
    pub const fn bounds<T: Input>() {
        assert!(matches!(T::KIND, Kind::Integer | Kind::Number), "`ge` and `le` are for numbers");
    }

    /// `min_length`, `max_length`, `regex`.
    pub const fn text<T: Input>() {
        assert!(matches!(T::KIND, Kind::Text), "`min_length`, `max_length` and `regex` are for text");
    }

    /// `choices`.
    pub const fn choices<T: Input>() {
        assert!(matches!(T::KIND, Kind::Text | Kind::Integer), "`choices` are for text and integers");
    }

    /// A default that is text.
    pub const fn word<T: Input>(word: &str) {
        match T::KIND {
            Kind::Text => {}
            Kind::Words(words) => {
                let mut index = 0;
                while index < words.len() {
                    if equal(words[index].as_bytes(), word.as_bytes()) {
                        return;
                    }
                    index += 1;
                }
                panic!("the default is none of the type's choices");
            }
            Kind::Other => {}
            _ => panic!("the default is text, and the type is not"),
        }
    }

    /// A default that is an integer.
    pub const fn integer<T: Input>() {
        assert!(
            matches!(T::KIND, Kind::Integer | Kind::Number | Kind::Other),
            "the default is a number, and the type is not"
        );
    }

    /// A default with a fraction.
    pub const fn number<T: Input>() {
        assert!(
            matches!(T::KIND, Kind::Number | Kind::Other),
            "the default is a number with a fraction, and the type is not"
        );
    }

    /// A default that is `true` or `false`.
    pub const fn boolean<T: Input>() {
        assert!(
            matches!(T::KIND, Kind::Boolean | Kind::Other),
            "the default is a boolean, and the type is not"
        );
    }

    const fn equal(left: &[u8], right: &[u8]) -> bool {
        if left.len() != right.len() {
            return false;
        }
        let mut index = 0;
        while index < left.len() {
            if left[index] != right[index] {
                return false;
            }
            index += 1;
        }
        true
    }
}
