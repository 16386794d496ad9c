//! The rules that an input we could read must keep. Whether a value is allowed is the schema crate's to say.

use std::mem::discriminant;

use cog_schema::Fault;
use proc_macro2::TokenStream;
use serde_json::Value;

use crate::faults::Faults;
use crate::form::Form;
use crate::limits::Limits;
use crate::literal::Literal;
use crate::predictor::Input;
use crate::shape::{Shape, shown};

/// Checks an input.
pub(crate) fn input(input: &Input, faults: &Faults) {
    deprecated_can_be_left_out(input, faults);
    limits_fit(input, faults);
}

/// Callers can only stop using what they may leave out.
fn deprecated_can_be_left_out(input: &Input, faults: &Faults) {
    let Some(deprecated) = input.limits.deprecated.as_ref().filter(|deprecated| deprecated.value) else {
        return;
    };
    let optional = matches!(input.shape, Shape::Optional(_) | Shape::Foreign);
    if input.limits.default.is_none() && !optional {
        let name = input.wire_name();
        faults.at(
            &deprecated.key,
            format!(
                "`{name}` is deprecated and cannot be left out: give it a default, or make it an `Option`"
            ),
        );
    }
}

/// Limits, choices and default agree with the type and with each other.
fn limits_fit(input: &Input, faults: &Faults) {
    let foreign = *input.shape.required() == Shape::Foreign;
    let mut seen = Vec::new();
    for fault in declared(input).faults() {
        // Of a type that we cannot see, the compiler judges what applies (see `expand`).
        if foreign && matches!(fault, Fault::Inapplicable { .. }) {
            continue;
        }
        // One wrong default breaks as many rules as there are; the first says it.
        if matches!(fault, Fault::Default { .. } | Fault::Choice { .. })
            && seen.contains(&discriminant(&fault))
        {
            continue;
        }
        seen.push(discriminant(&fault));
        let name = input.wire_name();
        let place = place(&fault, &input.limits);
        let message = format!("input `{name}`: {}", words(&fault, input));
        match &fault {
            Fault::Inapplicable { .. } => faults.with_form(&place, message, Form::Limits),
            _ => faults.at(&place, message),
        }
    }
}

fn declared(input: &Input) -> cog_schema::Input {
    let default = input.limits.default.as_ref().and_then(|default| match &default.value {
        Literal::Json(value) => Some(value.clone()),
        Literal::Path(_) => None,
    });
    cog_schema::Input {
        default,
        constraints: input.limits.constraints(),
        accept: input.limits.accept.as_ref().map(|accept| accept.value.clone()),
        ..cog_schema::Input::new(input.wire_name(), input.shape.ty())
    }
}

fn words(fault: &Fault, input: &Input) -> String {
    match fault {
        Fault::NullDefault => {
            format!("{fault}: write `Option<{}>`", shown(&input.ty))
        }
        Fault::Inapplicable { constraint: "choices", .. } if input.shape.required() == &Shape::Number => {
            format!("{fault}: bound it with `ge` and `le`, or choose between words")
        }
        fault => fault.to_string(),
    }
}

/// Where the author wrote what is wrong.
fn place(fault: &Fault, limits: &Limits) -> TokenStream {
    fn of<T>(keyed: &Option<crate::limits::Keyed<T>>) -> Option<TokenStream> {
        keyed.as_ref().map(|keyed| keyed.tokens.clone())
    }
    fn key<T>(keyed: &Option<crate::limits::Keyed<T>>) -> Option<TokenStream> {
        keyed.as_ref().map(|keyed| quote::ToTokens::to_token_stream(&keyed.key))
    }
    let place = match fault {
        Fault::Inapplicable { constraint, .. } => match *constraint {
            "ge" => key(&limits.ge),
            "le" => key(&limits.le),
            "min_length" => key(&limits.min_length),
            "max_length" => key(&limits.max_length),
            "regex" => key(&limits.regex),
            "choices" => key(&limits.choices),
            _ => key(&limits.accept),
        },
        Fault::NothingBetween { .. } => of(&limits.le).or_else(|| of(&limits.ge)),
        Fault::NoLength { .. } => of(&limits.min_length),
        Fault::Regex { .. } => of(&limits.regex),
        Fault::NoChoices => of(&limits.choices),
        Fault::RepeatedChoice(choice) | Fault::Choice { choice, .. } => {
            limits.choices.as_ref().and_then(|choices| element(&choices.tokens, &choices.value, choice))
        }
        Fault::NullDefault | Fault::Default { .. } => of(&limits.default),
        Fault::RepeatedName => None,
    };
    place.unwrap_or_default()
}

/// The last element of a written list that has that value.
fn element(list: &TokenStream, values: &[Value], wanted: &Value) -> Option<TokenStream> {
    let index = values.iter().rposition(|value| value == wanted)?;
    let inside = list.clone().into_iter().find_map(|tree| match tree {
        proc_macro2::TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    })?;
    let mut elements = vec![TokenStream::new()];
    for tree in inside {
        match (&tree, elements.last_mut()) {
            (proc_macro2::TokenTree::Punct(punct), _) if punct.as_char() == ',' => {
                elements.push(TokenStream::new());
            }
            (_, Some(last)) => last.extend([tree]),
            (_, None) => {}
        }
    }
    elements.into_iter().nth(index)
}
