//! `#[derive(cog::Input)]`: an enum of types, as an input that may be any of them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Ident, Type, Variant};

use super::{either, not_generic, parts};
use crate::faults::Faults;
use crate::form::Form;
use crate::shape::Shape;

/// A variant and the type it holds.
struct Member<'a> {
    variant: &'a Ident,
    ty: &'a Type,
    shape: Shape,
}

/// The derive as a function of an item.
pub(crate) fn union(item: &DeriveInput) -> TokenStream {
    let faults = Faults::new();
    let plain = not_generic(item, Form::Union, &faults);
    let members = read(item, &faults);
    for (index, member) in members.iter().flatten().enumerate() {
        can_stand_in_a_union(member, &faults);
        can_be_reached(member, members.iter().flatten().take(index), &faults);
    }
    let expansion = members.map(|members| expand(&item.ident, &members));
    let hollow = plain.then(|| hollow(&item.ident));
    either(expansion.filter(|_| plain), hollow, faults)
}

fn read<'a>(item: &'a DeriveInput, faults: &Faults) -> Option<Vec<Member<'a>>> {
    let name = &item.ident;
    match &item.data {
        Data::Enum(data) if data.variants.is_empty() => {
            faults.with_form(name, format!("`{name}` has no variants, so it could be nothing"), Form::Union);
            None
        }
        Data::Enum(data) => {
            Some(data.variants.iter().filter_map(|variant| member(variant, faults)).collect())
        }
        _ => {
            let message = format!(
                "an input of one's own is an enum, and `{name}` is none (a JSON object is a \
                 `HashMap<String, T>` or a `serde_json::Value`)"
            );
            faults.with_form(name, message, Form::Union);
            None
        }
    }
}

fn member<'a>(variant: &'a Variant, faults: &Faults) -> Option<Member<'a>> {
    match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            let ty = &fields.unnamed[0].ty;
            Some(Member { variant: &variant.ident, ty, shape: Shape::of(ty) })
        }
        Fields::Unit => {
            let message = format!(
                "`{}` holds nothing, so nothing says when it is meant; an enum of words derives `cog::Choice`",
                variant.ident
            );
            faults.with_form(&variant.ident, message, Form::Union);
            None
        }
        fields => {
            let message = "each variant of a union holds one value: `Text(String)`";
            faults.with_form(fields, message, Form::Union);
            None
        }
    }
}

fn can_stand_in_a_union(member: &Member<'_>, faults: &Faults) {
    let message = match member.shape {
        Shape::Optional(_) => "put the `Option` around the union: `Option<…>` as the parameter's type",
        _ if member.shape.holds(&Shape::File) => {
            "a file cannot be told from text in a union; make it an input of its own"
        }
        _ if member.shape.holds(&Shape::Secret) => {
            "a secret cannot be told from text in a union; make it an input of its own"
        }
        _ => return,
    };
    faults.at(member.ty, message);
}

fn can_be_reached<'a>(
    member: &Member<'_>,
    mut earlier: impl Iterator<Item = &'a Member<'a>>,
    faults: &Faults,
) {
    if member.shape == Shape::Foreign {
        return;
    }
    let number =
        |other: &Member<'_>| matches!((&other.shape, &member.shape), (Shape::Number, Shape::Integer(_)));
    if let Some(other) = earlier.find(|other| other.shape == member.shape || number(other)) {
        let (this, other) = (member.variant, other.variant);
        let message =
            format!("`{this}` is never reached: every value of it is one of `{other}`, which comes first");
        faults.at(member.ty, message);
    }
}

fn expand(ident: &Ident, members: &[Member<'_>]) -> TokenStream {
    let types = parts(&quote!(Parameter), members.iter().map(|member| member.ty));
    let variants: Vec<_> = members.iter().map(|member| member.variant).collect();
    let indices: Vec<_> = (0..members.len()).collect();
    quote! {
        const _: () = {
            /// The types of the variants.
            struct __Types;

            #types

            #[automatically_derived]
            impl ::cog::Input for #ident {
                const KIND: ::cog::glue::Kind = ::cog::glue::Kind::Other;

                fn ty() -> ::cog::schema::Type {
                    ::cog::schema::Type::Union(::std::vec![#(::cog::glue::ty::<__Types, #indices>()),*])
                }

                fn from_json(
                    value: ::cog::glue::Value,
                ) -> ::core::result::Result<Self, ::cog::glue::Mismatch> {
                    #(
                        if let ::core::option::Option::Some(value) =
                            ::cog::glue::member::<__Types, #indices>(&value)
                        {
                            return value.map(Self::#variants);
                        }
                    )*
                    ::core::result::Result::Err(::cog::glue::Mismatch::new("one of the union's types"))
                }
            }
        };
    }
}

fn hollow(ident: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::cog::Input for #ident {
            const KIND: ::cog::glue::Kind = ::cog::glue::Kind::Other;

            fn ty() -> ::cog::schema::Type {
                ::core::unreachable!()
            }

            fn from_json(_: ::cog::glue::Value) -> ::core::result::Result<Self, ::cog::glue::Mismatch> {
                ::core::unreachable!()
            }
        }
    }
}
