//! `#[derive(cog::Inputs)]`: a struct as the inputs of one prediction in a batch.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Ident};

use super::{either, not_generic, parts};
use crate::expand::declaration;
use crate::faults::Faults;
use crate::form::Form;
use crate::predictor::Input;
use crate::read;

/// The derive as a function of an item.
pub(crate) fn inputs(item: &DeriveInput) -> TokenStream {
    let faults = Faults::new();
    let plain = not_generic(item, Form::Inputs, &faults);
    let fields = fields(item, &faults);
    let expansion = fields.map(|fields| expand(&item.ident, &fields));
    let hollow = plain.then(|| hollow(&item.ident));
    either(expansion.filter(|_| plain), hollow, faults)
}

fn fields(item: &DeriveInput, faults: &Faults) -> Option<Vec<Input>> {
    match &item.data {
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => {
            let read = data
                .fields
                .iter()
                .map(|field| read::input(field.ident.clone(), &field.ty, &field.attrs, faults));
            read.collect::<Vec<_>>().into_iter().collect()
        }
        _ => {
            let name = &item.ident;
            let message =
                format!("the inputs of a prediction have names: `{name}` must be a struct with named fields");
            faults.with_form(name, message, Form::Inputs);
            None
        }
    }
}

fn expand(ident: &Ident, fields: &[Input]) -> TokenStream {
    let types = parts(&quote!(Parameter), fields.iter().map(|field| &field.ty));
    let checks = fields.iter().enumerate().map(|(index, field)| declaration::checks(index, field));
    let declarations = fields.iter().enumerate().map(|(index, field)| declaration::declaration(index, field));
    let takes = fields.iter().enumerate().map(|(index, field)| {
        let (name, wire_name) = (&field.name, field.wire_name());
        quote!(#name: arguments.take::<__Types, #index>(#wire_name)?)
    });
    let unused = fields.is_empty().then(|| quote!(let _ = arguments;));
    quote! {
        const _: () = {
            /// The types of the fields.
            struct __Types;

            #types
            #(#checks)*

            #[automatically_derived]
            impl ::cog::Inputs for #ident {
                fn declarations() -> ::std::vec::Vec<::cog::schema::Input> {
                    ::std::vec![#(#declarations),*]
                }

                fn take(
                    arguments: &mut ::cog::glue::Arguments,
                ) -> ::core::result::Result<Self, ::cog::model::Failure> {
                    #unused
                    ::core::result::Result::Ok(Self { #(#takes),* })
                }
            }
        };
    }
}

fn hollow(ident: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::cog::Inputs for #ident {
            fn declarations() -> ::std::vec::Vec<::cog::schema::Input> {
                ::core::unreachable!()
            }

            fn take(_: &mut ::cog::glue::Arguments) -> ::core::result::Result<Self, ::cog::model::Failure> {
                ::core::unreachable!()
            }
        }
    }
}
