//! The macros of the crate `cog`, which re-exports them; see there.
//!
//! Each is a pipeline to be read off the file list: `read` makes our model of the author's item (`predictor`),
//! `check` applies the rules (those about values are the schema crate's), `expand` writes. What is wrong is
//! collected in `faults`, shown all at once with the right `form`, and stands beside a hollow `fallback`.

mod attribute;
mod check;
mod derive;
mod docs;
mod expand;
mod fallback;
mod faults;
mod form;
#[cfg(test)]
mod golden;
mod limits;
mod literal;
mod options;
mod predictor;
mod read;
mod shape;
mod suggestion;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a type a predictor: `setup` once, `predict` many times.
///
/// ```
/// use cog::prelude::*;
///
/// struct Sampler {
///     words: Vec<String>,
/// }
///
/// #[cog::predictor(concurrency = 4)]
/// impl Sampler {
///     /// Runs once per worker.
///     fn setup(ctx: &Setup) -> Result<Self> {
///         let words = std::fs::read_to_string(ctx.weights("words.txt")?)?;
///         Ok(Self { words: words.lines().map(str::to_owned).collect() })
///     }
///
///     fn predict(
///         &self,
///         /// How many words
///         #[input(default = 3, ge = 1, le = 100)]
///         count: usize,
///         /// Only words that start with it
///         prefix: Option<String>,
///         ctx: &Prediction,
///     ) -> Result<Vec<String>> {
///         let prefix = prefix.unwrap_or_default();
///         cog::log!(ctx, "looking through {} words", self.words.len());
///         Ok(self.words.iter().filter(|word| word.starts_with(&prefix)).take(count).cloned().collect())
///     }
///
///     fn healthcheck(&self) -> bool {
///         !self.words.is_empty()
///     }
/// }
///
/// fn main() -> ExitCode {
/// # if true { return ExitCode::SUCCESS }
///     cog::main::<Sampler>()
/// }
/// ```
///
/// - **`predict`** takes `&self` and its inputs by value, in the order in which callers see them; doc comments are
///   their descriptions. A parameter `&Prediction`, wherever it stands, is the running prediction. It returns an
///   output, an `impl Iterator` or an `impl Stream` of outputs, or a `Result` of either.
/// - **`setup`** takes `&Setup` or nothing and returns `Self` or a `Result` of it. Without it the type's `Default`
///   is used.
/// - **`healthcheck`** takes `&self` and returns `bool`, `()` or a `Result` of either. It need not be there.
/// - Each may be an `async fn`.
/// - **`batch(max = 32, wait = "5ms")`** makes up to 32 predictions by one call; see below.
/// - **`concurrency = N`** lets N predictions run at a time: a plain `predict` on N threads, an `async` one as N
///   futures. It is 1 by default.
///
/// # Batches
/// A model that is faster on many inputs at once takes them as a list, and gives a list with an answer for each:
///
/// ```
/// use cog::prelude::*;
///
/// #[derive(cog::Inputs)]
/// struct Text {
///     /// What to count
///     text: String,
///     #[input(default = 4, ge = 1)]
///     shortest: usize,
/// }
///
/// struct Counter;
///
/// #[cog::predictor]
/// impl Counter {
///     # fn setup() -> Self { Self }
///     #[predict(batch(max = 32, wait = "5ms"))]
///     fn predict(&self, inputs: Vec<Text>) -> Vec<Result<usize>> {
///         let long = |input: &Text, word: &str| word.chars().count() >= input.shortest;
///         let count = |input: &Text| input.text.split_whitespace().filter(|word| long(input, word)).count();
///         inputs.iter().map(|input| Ok(count(input))).collect()
///     }
/// }
/// # let outcome = cog::testing::predict::<Counter>(serde_json::json!({"text": "to count or not"}));
/// # assert_eq!(outcome.unwrap(), 1);
/// ```
///
/// - Callers see no batches: each has an id, an answer, an error, a deadline and a `cancel` of its own. One who gives
///   up gets their answer at once, while the batch goes on for the others.
/// - A parameter `&[Prediction]` holds the running predictions in the order of their inputs.
/// - An error in the list is the error of one prediction; an error of the whole (`Result<Vec<…>>`), a panic or a list
///   of another length is the error of all.
/// - A batch starts as soon as as many wait as lately came together, and after `wait` (5 ms) with those that are there;
///   who is alone does not wait.
/// - A worker runs `max` times `concurrency` predictions at a time.
/// - What is printed during a batch of several belongs to none of them: write it with `cog::log!`.
///
/// # Limits
/// `#[input(…)]` on a parameter says more about an input. What contradicts itself or the type does not compile.
///
/// | key | for | |
/// |---|---|---|
/// | `default = …` | all | a value (`2.0`, `"text"`, `["a", "b"]`, `{"key": 1}`), a constant or an enum's variant |
/// | `ge = 1`, `le = 8` | numbers | the smallest and the largest |
/// | `min_length = 1`, `max_length = 80` | text | the fewest and the most characters |
/// | `regex = "^[a-z]+$"` | text | must match somewhere |
/// | `choices = ["a", "b"]` | text, integers | the only values |
/// | `accept = "image/*"` | files | what a form should offer |
/// | `deprecated` | all | callers should stop using it |
#[proc_macro_attribute]
pub fn predictor(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute::predictor(arguments.into(), item.into()).into()
}

/// Makes a free function a predictor, which goes by the function's name; the function stays what it was.
///
/// ```
/// use cog::prelude::*;
///
/// #[cog::predict]
/// fn repeat(
///     /// What to say
///     text: String,
///     #[input(default = 2, ge = 1, le = 10)] times: u8,
/// ) -> impl Iterator<Item = Token> {
///     (0..times).map(move |_| Token::from(text.as_str()))
/// }
///
/// fn main() -> ExitCode {
/// # if true { return ExitCode::SUCCESS }
///     cog::main::<repeat>()
/// }
/// ```
///
/// Parameters, return types, `#[input(…)]`, `concurrency = N` and `batch(…)` are as in [`macro@predictor`].
#[proc_macro_attribute]
pub fn predict(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute::predict(arguments.into(), item.into()).into()
}

/// Makes a struct with named fields the inputs of one prediction in a batch: see [`macro@predictor`]. Each field is an
/// input, with its doc comment and `#[input(…)]`, as a parameter of `predict` is elsewhere.
#[proc_macro_derive(Inputs, attributes(input))]
pub fn inputs(item: TokenStream) -> TokenStream {
    derive::inputs(&parse_macro_input!(item as DeriveInput)).into()
}

/// Makes a struct with named fields a structured output.
///
/// ```
/// #[derive(cog::Output)]
/// struct Detection {
///     /// What it is
///     label: String,
///     score: f32,
///     #[output(rename = "box")]
///     frame: Vec<u32>,
///     /// May be null
///     note: Option<String>,
/// }
///
/// #[cog::predict]
/// fn detect(image: cog::Path) -> cog::Result<Vec<Detection>> {
///     # drop(image);
///     Ok(vec![Detection { label: "cat".into(), score: 0.9, frame: vec![0, 0, 8, 8], note: None }])
/// }
/// # assert_eq!(cog::testing::predict::<detect>(serde_json::json!({"image": "/a"})).output[0]["box"][2], 8);
/// ```
#[proc_macro_derive(Output, attributes(output))]
pub fn output(item: TokenStream) -> TokenStream {
    derive::structure(&parse_macro_input!(item as DeriveInput)).into()
}

/// Makes an enum of words an input and an output. A variant's word is its name in `kebab-case`, unless
/// `#[choice(rename_all = "snake_case")]` on the enum or `#[choice(rename = "…")]` on the variant says otherwise.
///
/// ```
/// #[derive(cog::Choice)]
/// enum Style {
///     Sharp,
///     VerySmooth, // "very-smooth"
///     #[choice(rename = "8-bit")]
///     EightBit,
/// }
///
/// #[cog::predict]
/// fn describe(#[input(default = Style::Sharp)] style: Style) -> &'static str {
///     match style {
///         Style::Sharp => "every hair",
///         Style::VerySmooth => "every curve",
///         Style::EightBit => "every block",
///     }
/// }
/// # let input = serde_json::json!({"style": "8-bit"});
/// # assert_eq!(cog::testing::predict::<describe>(input).output, "every block");
/// ```
#[proc_macro_derive(Choice, attributes(choice))]
pub fn choice(item: TokenStream) -> TokenStream {
    derive::choice(&parse_macro_input!(item as DeriveInput)).into()
}

/// Makes an enum of types an input that may be any of them. The first variant whose type allows the value takes it.
///
/// ```
/// #[derive(cog::Input)]
/// enum Prompt {
///     Text(String),
///     Tokens(Vec<u32>),
/// }
///
/// #[cog::predict]
/// fn length(prompt: Prompt) -> usize {
///     match prompt {
///         Prompt::Text(text) => text.split_whitespace().count(),
///         Prompt::Tokens(tokens) => tokens.len(),
///     }
/// }
/// # let input = serde_json::json!({"prompt": [1, 2, 3]});
/// # assert_eq!(cog::testing::predict::<length>(input).output, 3);
/// ```
#[proc_macro_derive(Input)]
pub fn input(item: TokenStream) -> TokenStream {
    derive::union(&parse_macro_input!(item as DeriveInput)).into()
}
