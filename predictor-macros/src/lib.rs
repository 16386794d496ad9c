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
mod limits;
mod literal;
mod options;
mod predictor;
mod read;
mod shape;
mod suggestion;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a type a predictor.
#[proc_macro_attribute]
pub fn predictor(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute::predictor(arguments.into(), item.into()).into()
}

/// Makes a free function a predictor.
#[proc_macro_attribute]
pub fn predict(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute::predict(arguments.into(), item.into()).into()
}

/// Makes a struct a structured output.
#[proc_macro_derive(Output, attributes(output))]
pub fn output(item: TokenStream) -> TokenStream {
    derive::structure(&parse_macro_input!(item as DeriveInput)).into()
}

/// Makes an enum of words an input and an output.
#[proc_macro_derive(Choice, attributes(choice))]
pub fn choice(item: TokenStream) -> TokenStream {
    derive::choice(&parse_macro_input!(item as DeriveInput)).into()
}

/// Makes an enum of types an input.
#[proc_macro_derive(Input)]
pub fn input(item: TokenStream) -> TokenStream {
    derive::union(&parse_macro_input!(item as DeriveInput)).into()
}
