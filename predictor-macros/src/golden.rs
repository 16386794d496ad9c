//! Expansions as plain functions of tokens, compared with files: `tests/expand/NAME.rs` and what becomes of it in
//! `tests/expand/NAME.snap`. `INSTA_UPDATE=always` writes the latter anew.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, File, Item, Meta};

use crate::{attribute, derive};

/// The file with its macros of ours expanded.
fn expanded(source: &str) -> String {
    let mut file: File = syn::parse_str(source).unwrap();
    let items: TokenStream = file.items.iter_mut().map(expand).collect();
    let items: File = syn::parse2(items).unwrap();
    prettyplease::unparse(&items)
}

fn expand(item: &mut Item) -> TokenStream {
    match item {
        Item::Impl(item) => {
            let arguments = arguments(&item.attrs.remove(0));
            attribute::predictor(arguments, item.to_token_stream())
        }
        Item::Fn(item) if item.attrs.iter().any(|attribute| attribute.path().segments.len() == 2) => {
            let ours = item.attrs.iter().position(|attribute| attribute.path().segments.len() == 2).unwrap();
            let arguments = arguments(&item.attrs.remove(ours));
            attribute::predict(arguments, item.to_token_stream())
        }
        Item::Struct(_) | Item::Enum(_) => derived(item),
        other => other.to_token_stream(),
    }
}

fn arguments(attribute: &Attribute) -> TokenStream {
    match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}

fn derived(item: &Item) -> TokenStream {
    let tokens = item.to_token_stream();
    let derives = tokens.to_string();
    let item = syn::parse2(tokens).unwrap();
    if derives.contains("cog :: Inputs") {
        derive::inputs(&item)
    } else if derives.contains("cog :: Output") {
        derive::structure(&item)
    } else if derives.contains("cog :: Choice") {
        derive::choice(&item)
    } else {
        derive::union(&item)
    }
}

macro_rules! golden {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            let source = include_str!(concat!("../tests/expand/", stringify!($name), ".rs"));
            insta::with_settings!({snapshot_path => "../tests/expand", prepend_module_to_snapshot => false, omit_expression => true}, {
                insta::assert_snapshot!(stringify!($name), expanded(source));
            });
        }
    )*};
}

golden! {
    a_free_function
    an_impl_with_everything
    an_async_stream
    the_derives
    a_batch
    a_fault_leaves_a_hollow_impl
}
