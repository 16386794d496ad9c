//! `#[cog::predict]` on a free function.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemFn, Signature};

use super::answer::answer;
use super::batch::together;
use super::parameter::parameters;
use crate::faults::Faults;
use crate::form::Form;
use crate::options::Options;
use crate::predictor::{Predict, Predictor, Setup, Way};

/// Reads a free function.
pub(crate) fn function(item: &ItemFn, options: &Options, faults: &Faults) -> Option<Predictor> {
    let signature = &item.sig;
    if let Some(receiver) = signature.receiver() {
        faults.with_form(
            receiver,
            "`#[cog::predict]` is for free functions; for a method, put `#[cog::predictor]` on its `impl`",
            Form::Predictor,
        );
    }
    let name = &signature.ident;
    // The stand-in type has the function's name too; from inside its impl the function is still the value.
    let predict = way(signature, options, quote!(#name), false, faults)?;
    let concurrency = options.concurrency.unwrap_or(1);
    Some(Predictor { concurrency, setup: Setup::Nothing, predict, healthcheck: None })
}

/// Reads the function that predicts, free or not.
pub(super) fn way(
    signature: &Signature,
    options: &Options,
    callee: TokenStream,
    method: bool,
    faults: &Faults,
) -> Option<Way> {
    match &options.batch {
        None => predict(signature, callee, method, faults).map(Box::new).map(Way::Alone),
        Some(batch) => together(signature, batch, callee, method, faults).map(Box::new).map(Way::Together),
    }
}

fn predict(signature: &Signature, callee: TokenStream, method: bool, faults: &Faults) -> Option<Predict> {
    let plain = plain(signature, faults);
    let parameters = parameters(signature, faults);
    let answer = answer(signature, faults);
    let asynchronous = signature.asyncness.is_some();
    let (parameters, answer) = (parameters?, answer?);
    plain.then_some(Predict { callee, method, asynchronous, parameters, answer })
}

/// Reports what no function of a predictor can be.
pub(super) fn plain(signature: &Signature, faults: &Faults) -> bool {
    let name = &signature.ident;
    let mut plain = true;
    let mut refuse = |tokens: &dyn quote::ToTokens, what: &str| {
        faults.at(&tokens.to_token_stream(), format!("`{name}` cannot be {what}"));
        plain = false;
    };
    if !signature.generics.params.is_empty() {
        refuse(
            &signature.generics,
            "generic: a predictor has one signature, and callers cannot choose its types",
        );
    }
    if let syn::Safety::Unsafe(token) = &signature.safety {
        refuse(token, "`unsafe`: callers cannot keep promises");
    }
    if let Some(abi) = &signature.abi {
        refuse(abi, "`extern`");
    }
    if let Some(variadic) = &signature.variadic {
        refuse(variadic, "variadic");
    }
    plain
}
