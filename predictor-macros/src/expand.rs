//! From our model of a predictor to tokens. Makes no decisions.

mod declaration;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use crate::predictor::{AnswerKind, Healthcheck, Parameter, Predict, Predictor, Setup};

/// The implementation of `Predictor` for the author's type.
pub(crate) fn expand(ty: &Type, predictor: &Predictor) -> TokenStream {
    let Predictor { concurrency, setup, predict, healthcheck } = predictor;
    let types = types(predict);
    let checks = predict.inputs().enumerate().map(|(index, input)| declaration::checks(index, input));
    let signature = signature(predict);
    let setup = self::setup(ty, setup);
    let run = run(predict);
    let health = health(ty, healthcheck.as_ref());
    quote! {
        const _: () = {
            /// The types of the inputs and of the output.
            struct __Types;

            #types
            #(#checks)*

            #[automatically_derived]
            impl ::cog::model::Predictor for #ty {
                const CONCURRENCY: usize = #concurrency;

                #signature
                #setup
                #run
                #health
            }
        };
    }
}

fn types(predict: &Predict) -> TokenStream {
    let inputs = predict.inputs().enumerate().map(|(index, input)| {
        let ty = &input.ty;
        quote_spanned! {ty.span()=>
            impl ::cog::glue::Parameter<#index> for __Types {
                type Type = #ty;
            }
        }
    });
    let answer = &predict.answer.ty;
    let answer = quote_spanned! {answer.span()=>
        impl ::cog::glue::Answer for __Types {
            type Type = #answer;
        }
    };
    quote! {
        #(#inputs)*
        #answer
    }
}

fn signature(predict: &Predict) -> TokenStream {
    let inputs = predict.inputs().enumerate().map(|(index, input)| declaration::declaration(index, input));
    let output = match predict.answer.kind {
        AnswerKind::Single => quote!(single),
        AnswerKind::Iterator { .. } | AnswerKind::Stream { .. } => quote!(pieces),
    };
    quote! {
        fn signature() -> ::cog::schema::Signature {
            ::cog::schema::Signature {
                inputs: ::std::vec![#(#inputs),*],
                output: ::cog::glue::#output::<__Types>(),
            }
        }
    }
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

fn run(predict: &Predict) -> TokenStream {
    let stream = matches!(predict.answer.kind, AnswerKind::Stream { .. });
    let asynchronous = predict.asynchronous || stream;
    let call = call(predict, asynchronous);
    let mutable = predict.inputs().next().map(|_| quote!(mut));
    let body = if asynchronous {
        quote! {
            ::cog::glue::asynchronous(input, prediction, move |#mutable input, prediction| async move {
                #call
            })
        }
    } else {
        quote! {
            ::cog::glue::blocking(input, prediction, move |input, prediction| {
                #call
            })
        }
    };
    quote! {
        fn predict(
            self: ::std::sync::Arc<Self>,
            input: ::cog::glue::Map,
            prediction: ::cog::Prediction,
        ) -> ::cog::model::Running {
            #body
        }
    }
}

/// Takes the arguments, calls the function and delivers what it gives.
fn call(predict: &Predict, asynchronous: bool) -> TokenStream {
    let prediction = if asynchronous { quote!(&prediction) } else { quote!(prediction) };
    let mut takes = Vec::new();
    let mut arguments = Vec::new();
    if predict.method {
        arguments.push(quote!(&*self));
    }
    for parameter in &predict.parameters {
        match parameter {
            Parameter::Prediction => arguments.push(prediction.clone()),
            Parameter::Input(input) => {
                let index = takes.len();
                let name = input.wire_name();
                let argument = quote::format_ident!("input_{index}", span = input.name.span());
                takes.push(quote!(let #argument = input.take::<__Types, #index>(#name)?;));
                arguments.push(quote!(#argument));
            }
        }
    }
    let unused = takes.is_empty().then(|| quote!(let _ = input;));
    let callee = &predict.callee;
    let awaited = predict.asynchronous.then(|| quote!(.await));
    let answer = quote_spanned!(callee.span()=> #callee(#(#arguments),*) #awaited);
    let (deliver, fallible) = match (predict.answer.kind, asynchronous) {
        (AnswerKind::Single, false) => (quote!(deliver), false),
        (AnswerKind::Single, true) => (quote!(deliver_async), false),
        (AnswerKind::Iterator { fallible }, false) => (quote!(iterate), fallible),
        (AnswerKind::Iterator { fallible }, true) => (quote!(iterate_async), fallible),
        (AnswerKind::Stream { fallible }, _) => (quote!(stream), fallible),
    };
    let output = if predict.answer.borrows {
        quote!(::cog::glue::borrowed)
    } else {
        quote!(::cog::glue::output::<__Types>)
    };
    let answer = match predict.answer.kind {
        AnswerKind::Single => quote_spanned!(callee.span()=> #output(#answer)),
        _ if fallible => quote_spanned!(callee.span()=> ::cog::glue::started(#answer)?, #output),
        _ => quote_spanned!(callee.span()=> #answer, #output),
    };
    let driven = asynchronous.then(|| quote!(.await));
    quote! {
        #unused
        #(#takes)*
        ::cog::glue::#deliver(#prediction, #answer) #driven
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
