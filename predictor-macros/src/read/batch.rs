//! Predictions that are made together: `batch(max = 32)`.

use proc_macro2::TokenStream;
use syn::{Attribute, FnArg, Meta, PatType, Signature, Type};

use super::answer::answers;
use super::function::plain;
use crate::faults::Faults;
use crate::form::Form;
use crate::limits::is_input;
use crate::options::{Batch, Options};
use crate::predictor::{Handed, Together};
use crate::shape::{arguments, is_named, last_segment};

/// What `#[predict(…)]` on a method says.
pub(super) fn options(attributes: &[Attribute], faults: &Faults) -> Options {
    let ours = attributes.iter().filter(|attribute| is_predict(attribute));
    ours.fold(Options::default(), |options, attribute| match &attribute.meta {
        Meta::List(list) => options.and(Options::read(list.tokens.clone(), "predict", faults), faults),
        _ => options,
    })
}

/// Whether the attribute is ours: `#[predict(…)]`, `#[cog::predict(…)]`.
pub(crate) fn is_predict(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "predict")
}

/// Reads a function that makes several predictions at once.
pub(super) fn together(
    signature: &Signature,
    batch: &Batch,
    callee: TokenStream,
    method: bool,
    faults: &Faults,
) -> Option<Together> {
    let mut fine = plain(signature, faults);
    if let Some(keyword) = &signature.asyncness {
        let message = "a batch is made by a plain `fn`: an asynchronous one runs many predictions at a time by \
                       `concurrency`";
        faults.with_form(keyword, message, Form::Batch);
        fine = false;
    }
    let handed = handed(signature, faults);
    let answer = answers(signature, faults);
    let ((inputs, handed), (answer, fallible)) = (handed?, answer?);
    let Batch { max, wait, key: _ } = *batch;
    fine.then(|| Together { callee, method, inputs: inputs.clone(), handed, answer, fallible, max, wait })
}

/// The type of one prediction's inputs, and the order of the arguments.
fn handed<'a>(signature: &'a Signature, faults: &Faults) -> Option<(&'a Type, Vec<Handed>)> {
    let mut inputs = None;
    let mut handed = Vec::new();
    let mut fine = true;
    for argument in &signature.inputs {
        let FnArg::Typed(argument) = argument else { continue };
        fine &= no_limits(argument, faults);
        let ty = &*argument.ty;
        if are_predictions(ty) && !handed.contains(&Handed::Predictions) {
            handed.push(Handed::Predictions);
        } else if let Some(one) = item(ty).filter(|_| inputs.is_none()) {
            inputs = Some(one);
            handed.push(Handed::Inputs);
        } else {
            let message = "a batch takes its inputs as one list, and `&[Prediction]` if it wants to: what is one \
                           prediction's goes into a struct";
            faults.with_form(ty, message, Form::Batch);
            fine = false;
        }
    }
    if fine && inputs.is_none() {
        faults.with_form(&signature.ident, "a batch needs its inputs: `inputs: Vec<…>`", Form::Batch);
    }
    inputs.filter(|_| fine).map(|inputs| (inputs, handed))
}

fn no_limits(argument: &PatType, faults: &Faults) -> bool {
    let limits = argument.attrs.iter().find(|attribute| is_input(attribute));
    if let Some(attribute) = limits {
        let message = "the limits of an input go on the field of the struct that holds it";
        faults.with_form(attribute, message, Form::Inputs);
    }
    limits.is_none()
}

fn are_predictions(ty: &Type) -> bool {
    let Type::Reference(reference) = ty else { return false };
    matches!(&*reference.elem, Type::Slice(slice) if is_named(&slice.elem, "Prediction"))
}

/// The type inside a `Vec<…>`.
fn item(ty: &Type) -> Option<&Type> {
    last_segment(ty).filter(|last| last.ident == "Vec").and_then(|list| arguments(list).next())
}
