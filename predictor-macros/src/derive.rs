//! The derives: types of an author's own as inputs and outputs.

mod choice;
mod inputs;
mod structure;
mod union;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Type};

use crate::faults::Faults;
use crate::form::Form;

pub(crate) use choice::choice;
pub(crate) use inputs::inputs;
pub(crate) use structure::structure;
pub(crate) use union::union;

/// Reports a generic type. Those with a signature have one form only.
fn not_generic(item: &DeriveInput, form: Form, faults: &Faults) -> bool {
    let plain = item.generics.params.is_empty();
    if !plain {
        let message = format!("`{}` cannot be generic: the signature has one type for it", item.ident);
        faults.with_form(&item.generics, message, form);
    }
    plain
}

/// One place for the bound on each part's type, so that a type which does not fit is reported once.
fn parts<'a>(part: &TokenStream, types: impl Iterator<Item = &'a Type>) -> TokenStream {
    let parts = types.enumerate().map(|(index, ty)| {
        quote_spanned! {ty.span()=>
            impl ::cog::glue::#part<#index> for __Types {
                type Type = #ty;
            }
        }
    });
    quote!(#(#parts)*)
}

/// The expansion, or the errors beside a hollow implementation.
fn either(expansion: Option<TokenStream>, hollow: Option<TokenStream>, faults: Faults) -> TokenStream {
    match (faults.finish(), expansion) {
        (None, Some(expansion)) => expansion,
        (errors, _) => quote!(#errors #hollow),
    }
}
