//! A function that makes several predictions at once.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Parts, answer, output, variable};
use crate::predictor::{Handed, Together};

pub(super) fn parts(together: &Together) -> Parts {
    let inputs = &together.inputs;
    let answer = answer(&together.answer);
    let types = quote_spanned! {inputs.span()=>
        impl ::cog::glue::Together for __Types {
            type Inputs = #inputs;
        }
    };
    Parts {
        types: quote!(#types #answer),
        inputs: quote!(::cog::glue::inputs::<__Types>()),
        output: quote!(::cog::glue::single::<__Types>()),
        run: run(together),
    }
}

fn run(together: &Together) -> TokenStream {
    let Together { callee, method, handed, fallible, max, wait, .. } = together;
    let [this, items, inputs, predictions] = ["self_", "items", "inputs", "predictions"].map(variable);
    let receiver = method.then(|| quote!(#this,));
    let arguments = handed.iter().map(|handed| match handed {
        Handed::Inputs => &inputs,
        Handed::Predictions => &predictions,
    });
    let answers = quote_spanned!(callee.span()=> #callee(#receiver #(#arguments),*));
    let answers = if *fallible {
        quote_spanned!(callee.span()=> ::cog::glue::started(#answers))
    } else {
        quote!(::core::result::Result::Ok(#answers))
    };
    let output = output(&together.answer);
    let this = if *method { quote!(#this) } else { quote!(_) };
    let predictions = if handed.contains(&Handed::Predictions) { quote!(#predictions) } else { quote!(_) };
    let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
    quote! {
        const BATCH: ::core::option::Option<::cog::model::Batch<Self>> =
            ::core::option::Option::Some(::cog::model::Batch {
                max: #max,
                wait: ::core::time::Duration::from_micros(#micros),
                run: |#this, #items| ::cog::glue::together::<__Types, _>(
                    #items,
                    |#inputs, #predictions| #answers,
                    #output,
                ),
            });

        fn predict(
            self: ::std::sync::Arc<Self>,
            input: ::cog::glue::Map,
            prediction: ::cog::Prediction,
        ) -> ::cog::model::Running {
            ::cog::glue::batch_of_one(self, input, prediction)
        }
    }
}
