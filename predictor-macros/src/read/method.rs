//! `#[cog::predictor]` on an `impl`.

use quote::quote_spanned;
use syn::{FnArg, ImplItem, ImplItemFn, ItemImpl, Signature, Type};

use super::answer::{is_setup, setup_returns};
use super::batch;
use super::function::{plain, way};
use super::parameter::takes_self;
use crate::faults::Faults;
use crate::form::Form;
use crate::limits::is_input;
use crate::options::Options;
use crate::predictor::{Healthcheck, Predictor, Setup};
use crate::suggestion::nearest;

/// Reads an `impl`.
pub(crate) fn methods(item: &ItemImpl, options: Options, faults: &Faults) -> Option<Predictor> {
    let block = block(item, faults);
    let setup = match one(item, "setup", faults) {
        None => Some(Setup::Default),
        Some(function) => setup(&function.sig, faults),
    };
    let healthcheck = match one(item, "healthcheck", faults) {
        None => Some(None),
        Some(function) => healthcheck(&function.sig, faults).map(Some),
    };
    let Some(function) = one(item, "predict", faults) else {
        missing(item, faults);
        return None;
    };
    let ty = &item.self_ty;
    let name = &function.sig.ident;
    let callee = quote_spanned!(name.span()=> <#ty>::#name);
    let method = takes_self(&function.sig, Form::Predictor, faults);
    let given = batch::options(&function.attrs, faults);
    let options = options.and(given, faults);
    let predict = way(&function.sig, &options, callee, true, faults);
    let (setup, healthcheck, predict) = (setup?, healthcheck?, predict?);
    let concurrency = options.concurrency.unwrap_or(1);
    (block && method).then_some(Predictor { concurrency, setup, predict, healthcheck })
}

/// Reports an `impl` that no predictor can be.
fn block(item: &ItemImpl, faults: &Faults) -> bool {
    let mut fine = true;
    if let Some((path, _)) = &item.trait_ {
        let message = "`#[cog::predictor]` goes on the type's own `impl`, not on that of a trait";
        faults.with_form(path, message, Form::Predictor);
        fine = false;
    }
    if !item.generics.params.is_empty() {
        let message = "a predictor cannot be generic: it is one type, and a server runs it";
        faults.with_form(&item.generics, message, Form::Predictor);
        fine = false;
    }
    if !matches!(&*item.self_ty, Type::Path(_)) {
        faults.with_form(&item.self_ty, "a predictor is a struct or an enum of your own", Form::Predictor);
        fine = false;
    }
    fine
}

fn functions(item: &ItemImpl) -> impl Iterator<Item = &ImplItemFn> {
    item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(function) => Some(function),
        _ => None,
    })
}

/// The function of that name; a second one is a fault.
fn one<'a>(item: &'a ItemImpl, name: &str, faults: &Faults) -> Option<&'a ImplItemFn> {
    let mut named = functions(item).filter(|function| function.sig.ident == name);
    let first = named.next();
    for again in named {
        faults.at(&again.sig.ident, format!("a predictor has one `{name}`, and this is the second"));
    }
    first
}

fn missing(item: &ItemImpl, faults: &Faults) {
    let near = functions(item)
        .map(|function| &function.sig.ident)
        .find(|name| *name == "run" || nearest(&name.to_string(), &["predict"]).is_some());
    match near {
        Some(name) => {
            let message = format!("a predictor needs a function `predict`; is it this `{name}`?");
            faults.with_form(name, message, Form::Predictor);
        }
        None => faults.with_form(&item.self_ty, "a predictor needs a function `predict`", Form::Predictor),
    }
}

fn setup(signature: &Signature, faults: &Faults) -> Option<Setup> {
    let mut fine = plain(signature, faults);
    let mut takes_setup = false;
    for (index, argument) in signature.inputs.iter().enumerate() {
        let message = match argument {
            FnArg::Receiver(_) => "`setup` makes the predictor, so it cannot take one",
            FnArg::Typed(argument) if index == 0 && is_setup(&argument.ty) => {
                takes_setup = true;
                continue;
            }
            FnArg::Typed(argument) if argument.attrs.iter().any(is_input) => {
                "`setup` has no inputs: it runs once, before any prediction"
            }
            FnArg::Typed(_) => "`setup` takes `&Setup` or nothing",
        };
        faults.with_form(argument, message, Form::Setup);
        fine = false;
    }
    fine &= setup_returns(signature, faults);
    let asynchronous = signature.asyncness.is_some();
    fine.then(|| Setup::Function { span: signature.ident.span(), asynchronous, takes_setup })
}

fn healthcheck(signature: &Signature, faults: &Faults) -> Option<Healthcheck> {
    let mut fine = plain(signature, faults);
    fine &= takes_self(signature, Form::Healthcheck, faults);
    if let Some(argument) = signature.inputs.iter().find(|argument| matches!(argument, FnArg::Typed(_))) {
        faults.with_form(argument, "`healthcheck` takes `&self` and nothing else", Form::Healthcheck);
        fine = false;
    }
    let asynchronous = signature.asyncness.is_some();
    fine.then(|| Healthcheck { span: signature.ident.span(), asynchronous })
}
