//! The macros of the crate `cog`, which re-exports them; see there.
//!
//! Each is a pipeline to be read off the file list: `read` makes our model of the author's item (`predictor`),
//! `check` applies the rules (those about values are the schema crate's), `expand` writes. What is wrong is
//! collected in `faults`, shown all at once with the right `form`, and stands beside a hollow `fallback`.

mod attribute;
mod check;
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
