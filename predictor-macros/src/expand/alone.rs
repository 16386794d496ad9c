//! A function that makes one prediction.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Parts, answer, declaration, output, variable};
use crate::predictor::{AnswerKind, Parameter, Predict};

pub(super) fn parts(predict: &Predict) -> Parts {
    let inputs = predict.inputs().enumerate().map(|(index, input)| declaration::declaration(index, input));
    let output = match predict.answer.kind {
        AnswerKind::Single => quote!(single),
        AnswerKind::Iterator { .. } | AnswerKind::Stream { .. } => quote!(pieces),
    };
    Parts {
        types: types(predict),
        inputs: quote!(::std::vec![#(#inputs),*]),
        output: quote!(::cog::glue::#output::<__Types>()),
        run: run(predict),
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
    let answer = answer(&predict.answer);
    let checks = predict.inputs().enumerate().map(|(index, input)| declaration::checks(index, input));
    quote! {
        #(#inputs)*
        #answer
        #(#checks)*
    }
}

fn run(predict: &Predict) -> TokenStream {
    let stream = matches!(predict.answer.kind, AnswerKind::Stream { .. });
    let asynchronous = predict.asynchronous || stream;
    let call = call(predict, asynchronous);
    let mutable = predict.inputs().next().map(|_| quote!(mut));
    let (input, prediction) = (variable("input"), variable("prediction"));
    let body = if asynchronous {
        quote! {
            ::cog::glue::asynchronous(#input, #prediction, move |#mutable #input, #prediction| async move {
                #call
            })
        }
    } else {
        quote! {
            ::cog::glue::blocking(#input, #prediction, move |#input, #prediction| {
                #call
            })
        }
    };
    quote! {
        fn predict(
            self: ::std::sync::Arc<Self>,
            #input: ::cog::glue::Map,
            #prediction: ::cog::Prediction,
        ) -> ::cog::model::Running {
            #body
        }
    }
}

/// Takes the arguments, calls the function and delivers what it gives.
fn call(predict: &Predict, asynchronous: bool) -> TokenStream {
    let (input, prediction) = (variable("input"), variable("prediction"));
    let prediction = if asynchronous { quote!(&#prediction) } else { quote!(#prediction) };
    let mut takes = Vec::new();
    let mut arguments = Vec::new();
    if predict.method {
        arguments.push(quote!(&*self));
    }
    for parameter in &predict.parameters {
        match parameter {
            Parameter::Prediction => arguments.push(prediction.clone()),
            Parameter::Input(parameter) => {
                let index = takes.len();
                let name = parameter.wire_name();
                let span = Span::mixed_site().located_at(parameter.name.span());
                let argument = quote::format_ident!("input_{index}", span = span);
                takes.push(quote!(let #argument = #input.take::<__Types, #index>(#name)?;));
                arguments.push(quote!(#argument));
            }
        }
    }
    let unused = takes.is_empty().then(|| quote!(let _ = #input;));
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
    let output = output(&predict.answer);
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
