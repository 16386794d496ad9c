//! Parameters of the function that predicts.

use syn::{Attribute, FnArg, Pat, PatType, ReceiverKind, Signature, Type};

use crate::faults::Faults;
use crate::form::Form;
use crate::limits::{Limits, is_input};
use crate::predictor::{Input, Parameter};
use crate::shape::{Shape, is_named, shown};
use crate::{check, docs};

/// Whether the function takes `&self`, and nothing else by that name.
pub(super) fn takes_self(signature: &Signature, form: Form, faults: &Faults) -> bool {
    let name = &signature.ident;
    let Some(receiver) = signature.receiver() else {
        faults.with_form(name, format!("`{name}` must take `&self`"), form);
        return false;
    };
    let shared = match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_none(),
        ReceiverKind::Typed(_, ty) => matches!(&**ty, Type::Reference(ty) if ty.mutability.is_none()),
        _ => false,
    };
    if !shared {
        let message = format!(
            "`{name}` must take `&self`: one predictor serves many predictions, several at a time \
             (what changes goes into a `Mutex` or an atomic)"
        );
        faults.with_form(receiver, message, form);
    }
    shared
}

/// Reads the parameters, less `self`. `None` for one that cannot be understood.
pub(super) fn parameters(signature: &Signature, faults: &Faults) -> Option<Vec<Parameter>> {
    let mut read: Vec<Option<Parameter>> = Vec::new();
    for argument in &signature.inputs {
        let FnArg::Typed(argument) = argument else { continue };
        let parameter = parameter(argument, faults);
        let again = matches!(parameter, Some(Parameter::Prediction))
            && read.iter().any(|earlier| matches!(earlier, Some(Parameter::Prediction)));
        if again {
            faults.at(&argument.ty, "`&Prediction` is there twice");
        }
        read.push(parameter);
    }
    read.into_iter().collect()
}

fn parameter(argument: &PatType, faults: &Faults) -> Option<Parameter> {
    if is_prediction(&argument.ty) {
        if let Some(attribute) = argument.attrs.iter().find(|attribute| is_input(attribute)) {
            faults.at(attribute, "`#[input]` is for inputs; `&Prediction` is none");
        }
        return Some(Parameter::Prediction);
    }
    let name = name(&argument.pat, faults);
    let input = input(name, &argument.ty, &argument.attrs, faults)?;
    Some(Parameter::Input(Box::new(input)))
}

/// Reads an input, from a parameter or a field. Without a name, only its faults.
pub(crate) fn input(
    name: Option<syn::Ident>,
    ty: &Type,
    attributes: &[Attribute],
    faults: &Faults,
) -> Option<Input> {
    let limits = Limits::read(attributes, faults);
    if let Some(attribute) = attributes.iter().find(|attribute| attribute.path().is_ident("cfg")) {
        faults.at(attribute, "an input cannot come and go with `cfg`: the signature is one for all");
    }
    let known = type_can_be_read(ty, faults);
    let input = Input {
        name: name?,
        ty: known.then(|| ty.clone())?,
        shape: Shape::of(ty),
        description: docs::description(attributes),
        limits,
    };
    // Here and not later, so that it is reported whatever else is wrong.
    check::input(&input, faults);
    Some(input)
}

fn is_prediction(ty: &Type) -> bool {
    matches!(ty, Type::Reference(ty) if ty.mutability.is_none() && is_named(&ty.elem, "Prediction"))
}

fn name(pattern: &Pat, faults: &Faults) -> Option<syn::Ident> {
    match pattern {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => Some(name.ident.clone()),
        Pat::Wild(_) => {
            faults.at(pattern, "an input needs a name, even if it is not used: `_name` is called `_name`");
            None
        }
        _ => {
            faults.at(pattern, "an input needs a name of its own; take it apart inside the function");
            None
        }
    }
}

/// Reports types of which even the name says that they are no input, with what to write instead.
fn type_can_be_read(ty: &Type, faults: &Faults) -> bool {
    let message = match ty {
        Type::Reference(reference) => by_value(reference),
        Type::ImplTrait(_) => "an input has one concrete type; `impl …` is none".to_owned(),
        Type::Tuple(_) => "a tuple is no input type; take several inputs, or a `Vec<T>`".to_owned(),
        Type::Array(array) => {
            let item = &array.elem;
            format!("an array is no input type; write `Vec<{}>`", shown(item))
        }
        ty if is_named(ty, "Prediction") => "write `&Prediction`".to_owned(),
        ty if is_named(ty, "Setup") => "`Setup` is for `setup`".to_owned(),
        ty if is_named(ty, "PathBuf") => "a file input is a `cog::Path`".to_owned(),
        ty if is_named(ty, "char") => "`char` is no input type; write `String`".to_owned(),
        _ => return twice_optional(ty, faults),
    };
    faults.at(ty, message);
    false
}

fn twice_optional(ty: &Type, faults: &Faults) -> bool {
    let twice = matches!(Shape::of(ty), Shape::Optional(inner) if matches!(*inner, Shape::Optional(_)));
    if twice {
        faults.at(ty, "an input is given or it is not: write `Option` once");
    }
    !twice
}

fn by_value(reference: &syn::TypeReference) -> String {
    let inner = &*reference.elem;
    let owned = match inner {
        inner if is_named(inner, "str") => "String".to_owned(),
        Type::Slice(slice) => format!("Vec<{}>", shown(&slice.elem)),
        inner if is_named(inner, "Prediction") => return "write `&Prediction`".to_owned(),
        inner if is_named(inner, "Setup") => return "`&Setup` is for `setup`".to_owned(),
        inner if is_named(inner, "Path") => "cog::Path".to_owned(),
        inner => shown(inner),
    };
    format!("an input is handed over by value: write `{owned}`")
}
