//! From our model of a predictor to tokens. Makes no decisions.

mod alone;
pub(crate) mod declaration;
mod together;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use crate::predictor::{Answer, Healthcheck, Predictor, Setup, Way};

/// What the way of making predictions adds to the expansion.
struct Parts {
    /// The types of the inputs and of the output, and what is to be checked of them.
    types: TokenStream,
    /// The list of declared inputs.
    inputs: TokenStream,
    /// The declared output.
    output: TokenStream,
    /// What starts a prediction.
    run: TokenStream,
}

/// The implementation of `Predictor` for the author's type.
pub(crate) fn expand(ty: &Type, predictor: &Predictor) -> TokenStream {
    let Predictor { concurrency, setup, predict, healthcheck } = predictor;
    let Parts { types, inputs, output, run } = match predict {
        Way::Alone(predict) => alone::parts(predict),
        Way::Together(together) => together::parts(together),
    };
    let setup = self::setup(ty, setup);
    let health = health(ty, healthcheck.as_ref());
    quote! {
        const _: () = {
            /// The types of the inputs and of the output.
            struct __Types;

            #types

            #[automatically_derived]
            impl ::cog::model::Predictor for #ty {
                const CONCURRENCY: usize = #concurrency;

                fn signature() -> ::cog::schema::Signature {
                    ::cog::schema::Signature { inputs: #inputs, output: #output }
                }

                #setup
                #run
                #health
            }
        };
    }
}

/// One place for the bound on the output's type.
fn answer(answer: &Answer) -> TokenStream {
    let ty = &answer.ty;
    quote_spanned! {ty.span()=>
        impl ::cog::glue::Answer for __Types {
            type Type = #ty;
        }
    }
}

/// A variable of the expansion's own. It hides no function of the author's that has the same name.
fn variable(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// What turns an answer into a value.
fn output(answer: &Answer) -> TokenStream {
    if answer.borrows { quote!(::cog::glue::borrowed) } else { quote!(::cog::glue::output::<__Types>) }
}

fn setup(ty: &Type, setup: &Setup) -> TokenStream {
    let body = match setup {
        Setup::Nothing => quote!(::core::result::Result::Ok(Self {})),
        Setup::Default => {
            quote_spanned!(ty.span()=> ::core::result::Result::Ok(<#ty as ::core::default::Default>::default()))
        }
        Setup::Function { span, asynchronous, takes_setup } => {
            let argument = takes_setup.then(|| quote!(setup));
            let made = quote_spanned!(*span=> <#ty>::setup(#argument));
            let made = if *asynchronous { quote!(::cog::glue::block_on(#made)) } else { made };
            quote_spanned!(*span=> ::cog::glue::made::<Self>(#made))
        }
    };
    let name = match setup {
        Setup::Function { takes_setup: true, .. } => quote!(setup),
        _ => quote!(_),
    };
    quote! {
        fn setup(#name: &::cog::Setup) -> ::core::result::Result<Self, ::cog::model::Failure> {
            #body
        }
    }
}

fn health(ty: &Type, healthcheck: Option<&Healthcheck>) -> TokenStream {
    let body = match healthcheck {
        None => quote!(::core::option::Option::None),
        Some(Healthcheck { span, asynchronous: false }) => {
            let verdict = quote_spanned!(*span=> ::cog::glue::verdict(<#ty>::healthcheck(&*self)));
            quote! {
                ::core::option::Option::Some(::cog::model::Running::Blocking(::std::boxed::Box::new(
                    move || #verdict,
                )))
            }
        }
        Some(Healthcheck { span, asynchronous: true }) => {
            let verdict = quote_spanned!(*span=> ::cog::glue::verdict(<#ty>::healthcheck(&*self).await));
            quote! {
                ::core::option::Option::Some(::cog::model::Running::Async(::std::boxed::Box::pin(
                    async move { #verdict },
                )))
            }
        }
    };
    quote! {
        fn health(self: ::std::sync::Arc<Self>) -> ::core::option::Option<::cog::model::Running> {
            #body
        }
    }
}
