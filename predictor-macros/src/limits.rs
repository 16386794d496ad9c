//! `#[input(…)]` on a parameter.

use cog_schema::{Constraints, Pattern};
use serde_json::{Number, Value};
use syn::meta::ParseNestedMeta;
use syn::parse::Parse;
use syn::{Attribute, Ident, LitBool, Result};

use crate::faults::Faults;
use crate::form::Form;
use crate::literal::{Literal, Written};
use crate::suggestion::nearest;

/// Everything that `#[input(…)]` said about a parameter.
#[derive(Default)]
pub(crate) struct Limits {
    pub(crate) default: Option<Keyed<Literal>>,
    pub(crate) ge: Option<Keyed<Number>>,
    pub(crate) le: Option<Keyed<Number>>,
    pub(crate) min_length: Option<Keyed<u64>>,
    pub(crate) max_length: Option<Keyed<u64>>,
    pub(crate) regex: Option<Keyed<String>>,
    pub(crate) choices: Option<Keyed<Vec<Value>>>,
    pub(crate) deprecated: Option<Keyed<bool>>,
    pub(crate) accept: Option<Keyed<String>>,
}

/// A key, its value, and the tokens the value was written with.
pub(crate) struct Keyed<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
    pub(crate) tokens: proc_macro2::TokenStream,
}

const KEYS: [&str; 9] =
    ["default", "ge", "le", "min_length", "max_length", "regex", "choices", "deprecated", "accept"];

/// Words that mean one of ours in other places.
const FOREIGN: [(&str, &str); 12] = [
    ("min", "ge"),
    ("minimum", "ge"),
    ("gt", "ge"),
    ("max", "le"),
    ("maximum", "le"),
    ("lt", "le"),
    ("pattern", "regex"),
    ("enum", "choices"),
    ("one_of", "choices"),
    ("options", "choices"),
    ("values", "choices"),
    ("mime", "accept"),
];

impl Limits {
    /// Reads every `#[input(…)]` among the attributes.
    pub(crate) fn read(attributes: &[Attribute], faults: &Faults) -> Self {
        let mut limits = Self::default();
        for attribute in attributes.iter().filter(|attribute| is_input(attribute)) {
            if let syn::Meta::Path(_) = attribute.meta {
                faults.with_form(attribute, "`#[input]` says nothing", Form::Limits);
                continue;
            }
            let read = attribute.parse_nested_meta(|meta| limits.key(&meta, faults));
            if let Err(error) = read {
                faults.push(error);
            }
        }
        limits
    }

    /// The same for the schema crate, which has the rules.
    pub(crate) fn constraints(&self) -> Constraints {
        Constraints {
            ge: self.ge.as_ref().map(|ge| ge.value.clone()),
            le: self.le.as_ref().map(|le| le.value.clone()),
            min_length: self.min_length.as_ref().map(|length| length.value),
            max_length: self.max_length.as_ref().map(|length| length.value),
            regex: self.regex.as_ref().map(|regex| Pattern::new(regex.value.as_str())),
            choices: self.choices.as_ref().map(|choices| choices.value.clone()),
        }
    }

    fn key(&mut self, meta: &ParseNestedMeta<'_>, faults: &Faults) -> Result<()> {
        let Some(key) = meta.path.get_ident().cloned() else {
            return Err(meta.error("expected a key"));
        };
        match key.to_string().as_str() {
            "default" => put(&mut self.default, written(&key, meta)?, faults),
            "ge" => put(&mut self.ge, number(written(&key, meta)?)?, faults),
            "le" => put(&mut self.le, number(written(&key, meta)?)?, faults),
            "min_length" => put(&mut self.min_length, length(&key, meta)?, faults),
            "max_length" => put(&mut self.max_length, length(&key, meta)?, faults),
            "regex" => put(&mut self.regex, text(&key, meta)?, faults),
            "choices" => put(&mut self.choices, list(written(&key, meta)?)?, faults),
            "accept" => put(&mut self.accept, text(&key, meta)?, faults),
            "deprecated" => {
                let value = if meta.input.peek(syn::Token![=]) {
                    meta.value()?.parse::<LitBool>()?.value
                } else {
                    true
                };
                let tokens = quote::ToTokens::to_token_stream(&key);
                put(&mut self.deprecated, Keyed { key, value, tokens }, faults);
            }
            "description" => {
                let _: Written<Literal> = meta.value()?.parse()?;
                faults.at(&key, "a description is a doc comment on the parameter: `/// Picture to enlarge`");
            }
            other => {
                faults.with_form(&key, unknown(other), Form::Limits);
                if meta.input.peek(syn::Token![=]) {
                    let _: syn::Expr = meta.value()?.parse()?;
                }
            }
        }
        Ok(())
    }
}

/// Whether the attribute is ours.
pub(crate) fn is_input(attribute: &Attribute) -> bool {
    attribute.path().is_ident("input")
}

fn unknown(key: &str) -> String {
    let meant = FOREIGN.iter().find(|(foreign, _)| *foreign == key).map(|(_, ours)| *ours);
    match meant.or_else(|| nearest(key, &KEYS)) {
        Some(ours) => format!("`#[input]` has no key `{key}`; did you mean `{ours}`?"),
        None => {
            format!("`#[input]` has no key `{key}`; it has {}", KEYS.map(|key| format!("`{key}`")).join(", "))
        }
    }
}

fn put<T>(place: &mut Option<Keyed<T>>, keyed: Keyed<T>, faults: &Faults) {
    if place.is_some() {
        faults.at(&keyed.key, format!("`{}` is there twice", keyed.key));
    } else {
        *place = Some(keyed);
    }
}

fn written<T: Parse>(key: &Ident, meta: &ParseNestedMeta<'_>) -> Result<Keyed<T>> {
    if !meta.input.peek(syn::Token![=]) {
        return Err(syn::Error::new_spanned(key, format!("`{key}` needs a value: `{key} = …`")));
    }
    let written: Written<T> = meta.value()?.parse()?;
    if !meta.input.is_empty() && !meta.input.peek(syn::Token![,]) {
        return Err(meta.input.error(format!(
            "`{key}` takes a value and no expression; what must be computed goes into a constant, \
             and its name here: `{key} = STEPS`"
        )));
    }
    Ok(Keyed { key: key.clone(), value: written.value, tokens: written.tokens })
}

fn number(keyed: Keyed<Literal>) -> Result<Keyed<Number>> {
    match keyed.value {
        Literal::Json(Value::Number(value)) => Ok(Keyed { key: keyed.key, value, tokens: keyed.tokens }),
        _ => Err(syn::Error::new_spanned(
            &keyed.tokens,
            format!("`{}` is a number: `{} = 1.0`", keyed.key, keyed.key),
        )),
    }
}

fn list(keyed: Keyed<Literal>) -> Result<Keyed<Vec<Value>>> {
    match keyed.value {
        Literal::Json(Value::Array(value)) => Ok(Keyed { key: keyed.key, value, tokens: keyed.tokens }),
        _ => Err(syn::Error::new_spanned(
            &keyed.tokens,
            "`choices` is a list: `choices = [\"sharp\", \"smooth\"]`",
        )),
    }
}

fn length(key: &Ident, meta: &ParseNestedMeta<'_>) -> Result<Keyed<u64>> {
    let keyed: Keyed<Literal> = written(key, meta)?;
    let value = match &keyed.value {
        Literal::Json(Value::Number(number)) => number.as_u64(),
        _ => None,
    };
    let value = value.ok_or_else(|| {
        syn::Error::new_spanned(&keyed.tokens, format!("`{key}` is a number of characters: `{key} = 80`"))
    })?;
    Ok(Keyed { key: keyed.key, value, tokens: keyed.tokens })
}

fn text(key: &Ident, meta: &ParseNestedMeta<'_>) -> Result<Keyed<String>> {
    let keyed: Keyed<Literal> = written(key, meta)?;
    match keyed.value {
        Literal::Json(Value::String(value)) => Ok(Keyed { key: keyed.key, value, tokens: keyed.tokens }),
        _ => Err(syn::Error::new_spanned(&keyed.tokens, format!("`{key}` is text: `{key} = \"…\"`"))),
    }
}
