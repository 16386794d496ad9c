//! An input's declaration in the signature, and the checks of it that only the compiler can make.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use serde_json::Value;
use syn::spanned::Spanned;

use crate::limits::Keyed;
use crate::literal::Literal;
use crate::predictor::Input;
use crate::shape::Shape;

/// The declaration of an input.
pub(crate) fn declaration(index: usize, input: &Input) -> TokenStream {
    let name = input.wire_name();
    let limits = &input.limits;
    let description = input.description.as_ref().map(|words| quote!(.description(#words)));
    let default = limits.default.as_ref().map(|default| match &default.value {
        Literal::Json(value) => {
            let json = value.to_string();
            quote!(.default(#json))
        }
        Literal::Path(path) => {
            let value = value(path, &input.shape);
            quote!(.default_to(#value))
        }
    });
    let ge = json("ge", &limits.ge);
    let le = json("le", &limits.le);
    let choices = limits.choices.as_ref().map(|choices| {
        let json = Value::from(choices.value.clone()).to_string();
        quote!(.choices(#json))
    });
    let min_length = plain("min_length", &limits.min_length);
    let max_length = plain("max_length", &limits.max_length);
    let regex = plain("regex", &limits.regex);
    let accept = plain("accept", &limits.accept);
    let deprecated =
        limits.deprecated.as_ref().filter(|deprecated| deprecated.value).map(|_| quote!(.deprecated()));
    quote! {
        ::cog::glue::input::<__Types, #index>(#name)
            #description #default #ge #le #min_length #max_length #regex #choices #deprecated #accept
            .finish()
    }
}

/// A constant as a value of the input's type: text is owned there, and what is optional is given.
fn value(path: &syn::Path, shape: &Shape) -> TokenStream {
    match shape {
        Shape::Optional(inner) => {
            let value = value(path, inner);
            quote_spanned!(path.span()=> ::core::option::Option::Some(#value))
        }
        Shape::Text => quote_spanned!(path.span()=> ::std::string::String::from(#path)),
        _ => path.to_token_stream(),
    }
}

fn json<T: ToString>(method: &str, limit: &Option<Keyed<T>>) -> Option<TokenStream> {
    let method = quote::format_ident!("{method}");
    limit.as_ref().map(|limit| {
        let json = limit.value.to_string();
        quote!(.#method(#json))
    })
}

fn plain<T: ToTokens>(method: &str, limit: &Option<Keyed<T>>) -> Option<TokenStream> {
    let method = quote::format_ident!("{method}");
    limit.as_ref().map(|limit| {
        let value = &limit.value;
        quote!(.#method(#value))
    })
}

/// Questions about a type that we could not see through, for the compiler to answer.
pub(crate) fn checks(index: usize, input: &Input) -> TokenStream {
    if *input.shape.required() != Shape::Foreign {
        return TokenStream::new();
    }
    let ty = quote!(<__Types as ::cog::glue::Parameter<#index>>::Type);
    let limits = &input.limits;
    let ask = |place: &TokenStream, question: &str, argument: Option<&str>| {
        let question = quote::format_ident!("{question}");
        quote_spanned!(place.span()=> const _: () = ::cog::glue::check::#question::<#ty>(#argument);)
    };
    let bounds = first(&limits.ge).or_else(|| first(&limits.le)).map(|place| ask(&place, "bounds", None));
    let text =
        first(&limits.min_length).or_else(|| first(&limits.max_length)).or_else(|| first(&limits.regex));
    let text = text.map(|place| ask(&place, "text", None));
    let choices = first(&limits.choices).map(|place| ask(&place, "choices", None));
    let default = limits.default.as_ref().and_then(|default| match &default.value {
        Literal::Json(Value::String(word)) => Some(ask(&default.tokens, "word", Some(word))),
        Literal::Json(Value::Bool(_)) => Some(ask(&default.tokens, "boolean", None)),
        Literal::Json(Value::Number(number)) if number.is_f64() => Some(ask(&default.tokens, "number", None)),
        Literal::Json(Value::Number(_)) => Some(ask(&default.tokens, "integer", None)),
        Literal::Json(_) | Literal::Path(_) => None,
    });
    quote!(#bounds #text #choices #default)
}

fn first<T>(limit: &Option<Keyed<T>>) -> Option<TokenStream> {
    limit.as_ref().map(|limit| limit.key.to_token_stream())
}
