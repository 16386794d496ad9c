//! `#[derive(cog::Choice)]`: an enum of words.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitStr};

use super::{either, not_generic};
use crate::faults::Faults;
use crate::form::Form;
use crate::suggestion::nearest;

/// A variant and its word.
struct Word<'a> {
    variant: &'a Ident,
    word: String,
}

/// The derive as a function of an item.
pub(crate) fn choice(item: &DeriveInput) -> TokenStream {
    let faults = Faults::new();
    let plain = not_generic(item, Form::Choice, &faults);
    let words = read(item, &faults);
    let expansion = words.map(|words| expand(&item.ident, &words));
    let hollow = plain.then(|| expand(&item.ident, &[]));
    either(expansion.filter(|_| plain), hollow, faults)
}

fn read<'a>(item: &'a DeriveInput, faults: &Faults) -> Option<Vec<Word<'a>>> {
    let name = &item.ident;
    let Data::Enum(data) = &item.data else {
        faults.with_form(name, format!("a choice is an enum, and `{name}` is none"), Form::Choice);
        return None;
    };
    if data.variants.is_empty() {
        faults.with_form(name, format!("`{name}` has no variants, so nothing could be chosen"), Form::Choice);
        return None;
    }
    let case = case(&item.attrs, faults);
    let mut words: Vec<Word<'a>> = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            let message = "a choice is a word and holds nothing; an enum of types derives `cog::Input`";
            faults.with_form(&variant.fields, message, Form::Choice);
            continue;
        }
        let renamed = renamed(&variant.attrs, faults);
        let (word, place) = match renamed {
            Some(literal) => (literal.value(), quote!(#literal)),
            None => {
                let ident = &variant.ident;
                (case.of(&ident.unraw().to_string()), quote!(#ident))
            }
        };
        if words.iter().any(|earlier| earlier.word == word) {
            faults.at(&place, format!("another variant is called `{word}` too"));
        }
        words.push(Word { variant: &variant.ident, word });
    }
    Some(words)
}

fn renamed(attributes: &[Attribute], faults: &Faults) -> Option<LitStr> {
    let mut renamed = None;
    for attribute in ours(attributes) {
        let read = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                renamed = Some(meta.value()?.parse::<LitStr>()?);
                return Ok(());
            }
            Err(meta.error("a variant's `#[choice]` has the key `rename` only: `#[choice(rename = \"…\")]`"))
        });
        if let Err(error) = read {
            faults.push(error);
        }
    }
    renamed
}

fn case(attributes: &[Attribute], faults: &Faults) -> Case {
    let mut case = Case::Kebab;
    for attribute in ours(attributes) {
        let read = attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("rename_all") {
                return Err(meta.error(
                    "an enum's `#[choice]` has the key `rename_all` only: `#[choice(rename_all = \"snake_case\")]`",
                ));
            }
            let name: LitStr = meta.value()?.parse()?;
            match Case::named(&name.value()) {
                Some(named) => case = named,
                None => faults.at(&name, unknown_case(&name.value())),
            }
            Ok(())
        });
        if let Err(error) = read {
            faults.push(error);
        }
    }
    case
}

fn unknown_case(name: &str) -> String {
    let known = Case::ALL.map(|(name, _)| name);
    match nearest(name, &known) {
        Some(near) => format!("no case is called `{name}`; did you mean `{near}`?"),
        None => format!(
            "no case is called `{name}`; there are {}",
            known.map(|name| format!("`{name}`")).join(", ")
        ),
    }
}

fn ours(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("choice"))
}

/// How a variant's name becomes a word.
#[derive(Clone, Copy)]
enum Case {
    Kebab,
    Snake,
    ScreamingSnake,
    Lower,
    Upper,
    Pascal,
    Camel,
}

impl Case {
    const ALL: [(&str, Self); 7] = [
        ("kebab-case", Self::Kebab),
        ("snake_case", Self::Snake),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("lowercase", Self::Lower),
        ("UPPERCASE", Self::Upper),
        ("PascalCase", Self::Pascal),
        ("camelCase", Self::Camel),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, case)| *case)
    }

    fn of(self, variant: &str) -> String {
        match self {
            Self::Kebab => joined(variant, '-'),
            Self::Snake => joined(variant, '_'),
            Self::ScreamingSnake => joined(variant, '_').to_uppercase(),
            Self::Lower => variant.to_lowercase(),
            Self::Upper => variant.to_uppercase(),
            Self::Pascal => variant.to_owned(),
            Self::Camel => {
                let mut letters = variant.chars();
                letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
            }
        }
    }
}

/// `VerySmooth` as `very-smooth`, `HTMLPage` as `html-page`.
fn joined(variant: &str, joint: char) -> String {
    let letters: Vec<char> = variant.chars().collect();
    let mut word = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let after_small = index > 0 && !letters[index - 1].is_uppercase() && letters[index - 1] != '_';
        let before_small = letters.get(index + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && index > 0 && (after_small || before_small) {
            word.push(joint);
        }
        word.extend(letter.to_lowercase());
    }
    word
}

fn expand(ident: &Ident, words: &[Word<'_>]) -> TokenStream {
    let variants: Vec<_> = words.iter().map(|word| word.variant).collect();
    let words: Vec<_> = words.iter().map(|word| &word.word).collect();
    let as_str = if variants.is_empty() {
        quote!(::core::unreachable!())
    } else {
        quote!(match self { #(Self::#variants => #words),* })
    };
    quote! {
        #[automatically_derived]
        impl ::cog::Choice for #ident {
            const WORDS: &'static [&'static str] = &[#(#words),*];

            fn as_str(&self) -> &'static str {
                #as_str
            }

            fn from_word(word: &str) -> ::core::option::Option<Self> {
                match word {
                    #(#words => ::core::option::Option::Some(Self::#variants),)*
                    _ => ::core::option::Option::None,
                }
            }
        }

        #[automatically_derived]
        impl ::cog::Input for #ident {
            const KIND: ::cog::glue::Kind = ::cog::glue::Kind::Words(<Self as ::cog::Choice>::WORDS);

            fn ty() -> ::cog::schema::Type {
                ::cog::glue::words::<Self>()
            }

            fn from_json(value: ::cog::glue::Value) -> ::core::result::Result<Self, ::cog::glue::Mismatch> {
                ::cog::glue::choose(&value)
            }
        }

        #[automatically_derived]
        impl ::cog::Output for #ident {
            fn ty() -> ::cog::schema::Type {
                ::cog::glue::words::<Self>()
            }

            fn into_output(self) -> ::cog::Result<::cog::model::OutputValue> {
                ::cog::Output::into_output(::cog::Choice::as_str(&self))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Case;

    #[test]
    fn variants_become_words() {
        assert_eq!(Case::Kebab.of("VerySmooth"), "very-smooth");
        assert_eq!(Case::Kebab.of("HTMLPage"), "html-page");
        assert_eq!(Case::Kebab.of("Fp16"), "fp16");
        assert_eq!(Case::Snake.of("VerySmooth"), "very_smooth");
        assert_eq!(Case::ScreamingSnake.of("VerySmooth"), "VERY_SMOOTH");
        assert_eq!(Case::Camel.of("VerySmooth"), "verySmooth");
        assert_eq!(Case::Lower.of("VerySmooth"), "verysmooth");
    }
}
