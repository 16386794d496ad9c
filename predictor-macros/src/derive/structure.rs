//! `#[derive(cog::Output)]`: a struct with named fields as a structured output.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Field, Fields, Ident, LitStr, Type};

use super::{either, not_generic, parts};
use crate::docs;
use crate::faults::Faults;
use crate::form::Form;
use crate::shape::Shape;

/// A field of a structured output.
struct Part<'a> {
    name: &'a Ident,
    wire_name: String,
    ty: &'a Type,
    description: Option<String>,
}

/// The derive as a function of an item.
pub(crate) fn structure(item: &DeriveInput) -> TokenStream {
    let faults = Faults::new();
    let plain = not_generic(item, Form::Structure, &faults);
    let fields = read(item, &faults);
    let expansion = fields.map(|fields| expand(&item.ident, &fields));
    let hollow = plain.then(|| hollow(&item.ident));
    either(expansion.filter(|_| plain), hollow, faults)
}

fn read<'a>(item: &'a DeriveInput, faults: &Faults) -> Option<Vec<Part<'a>>> {
    let name = &item.ident;
    let message = match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => {
                return Some(fields.named.iter().filter_map(|field| part(field, faults)).collect());
            }
            _ => format!("a structured output has named fields, and `{name}` has none"),
        },
        Data::Enum(_) => {
            format!("`{name}` is an enum: one whose variants are words derives `cog::Choice`")
        }
        Data::Union(_) => format!("`{name}` is a `union`, of which nobody knows what it holds"),
    };
    faults.with_form(name, message, Form::Structure);
    None
}

fn part<'a>(field: &'a Field, faults: &Faults) -> Option<Part<'a>> {
    let name = field.ident.as_ref()?;
    let mut wire_name = name.unraw().to_string();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("output")) {
        let read = attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("rename") {
                return Err(
                    meta.error("`#[output]` has the key `rename` only: `#[output(rename = \"type\")]`")
                );
            }
            wire_name = meta.value()?.parse::<LitStr>()?.value();
            Ok(())
        });
        if let Err(error) = read {
            faults.push(error);
        }
    }
    if Shape::of(&field.ty).holds(&Shape::Secret) {
        faults.at(&field.ty, "a secret is no output: whatever a prediction gives is shown");
        return None;
    }
    Some(Part { name, wire_name, ty: &field.ty, description: docs::description(&field.attrs) })
}

fn expand(ident: &Ident, fields: &[Part<'_>]) -> TokenStream {
    let types = parts(&quote!(Part), fields.iter().map(|field| field.ty));
    let declarations = fields.iter().enumerate().map(|(index, field)| {
        let Part { wire_name, description, .. } = field;
        let description = match description {
            Some(words) => quote!(::core::option::Option::Some(#words)),
            None => quote!(::core::option::Option::None),
        };
        quote!(::cog::glue::field::<__Types, #index>(#wire_name, #description))
    });
    let values = fields.iter().enumerate().map(|(index, field)| {
        let Part { name, wire_name, .. } = field;
        quote!(::cog::glue::value::<__Types, #index>(#wire_name, self.#name)?)
    });
    quote! {
        const _: () = {
            /// The types of the fields.
            struct __Types;

            #types

            #[automatically_derived]
            impl ::cog::Output for #ident {
                fn ty() -> ::cog::schema::Type {
                    ::cog::schema::Type::Object(::std::vec![#(#declarations),*])
                }

                fn into_output(self) -> ::cog::Result<::cog::model::OutputValue> {
                    ::core::result::Result::Ok(::cog::model::OutputValue::Object(::std::vec![#(#values),*]))
                }
            }
        };
    }
}

fn hollow(ident: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::cog::Output for #ident {
            fn ty() -> ::cog::schema::Type {
                ::core::unreachable!()
            }

            fn into_output(self) -> ::cog::Result<::cog::model::OutputValue> {
                ::core::unreachable!()
            }
        }
    }
}
