//! Values in attributes: what JSON can say, in Rust's spelling, and paths to constants and variants.

use proc_macro2::TokenStream;
use serde_json::{Map, Number, Value};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{
    Error, Ident, Lit, LitFloat, LitInt, LitStr, Result, Token, braced, bracketed, parenthesized, token,
};

/// A value in an attribute.
#[derive(Clone)]
pub(crate) enum Literal {
    /// What JSON can say.
    Json(Value),
    /// A constant or an enum's variant, known to the compiler only.
    Path(syn::Path),
}

impl Parse for Literal {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let path = input.peek(Ident::peek_any) || input.peek(Token![::]);
        let word = input.peek(syn::LitBool) || ["None", "null", "Some"].iter().any(|word| peeks(input, word));
        if path && !word { input.parse().map(Self::Path) } else { json(input).map(Self::Json) }
    }
}

fn peeks(input: ParseStream<'_>, word: &str) -> bool {
    !input.peek2(Token![::]) && input.fork().call(Ident::parse_any).is_ok_and(|ident| ident == word)
}

fn json(input: ParseStream<'_>) -> Result<Value> {
    if input.peek(token::Bracket) {
        let inside;
        bracketed!(inside in input);
        let values =
            inside.call(|inside| syn::punctuated::Punctuated::<Json, Token![,]>::parse_terminated(inside));
        return Ok(values?.into_iter().map(|json| json.0).collect());
    }
    if input.peek(token::Brace) {
        return object(input);
    }
    if input.peek(Token![-]) {
        let minus: Token![-] = input.parse()?;
        if input.peek(LitInt) {
            return integer(&input.parse()?, true);
        }
        if input.peek(LitFloat) {
            return float(&input.parse()?, true);
        }
        return Err(Error::new_spanned(minus, "expected a number after `-`"));
    }
    if peeks(input, "None") || peeks(input, "null") {
        input.call(Ident::parse_any)?;
        return Ok(Value::Null);
    }
    if peeks(input, "Some") {
        input.call(Ident::parse_any)?;
        let inside;
        parenthesized!(inside in input);
        return json(&inside);
    }
    match input.parse() {
        Ok(Lit::Str(text)) => Ok(text.value().into()),
        Ok(Lit::Bool(boolean)) => Ok(boolean.value.into()),
        Ok(Lit::Int(literal)) => integer(&literal, false),
        Ok(Lit::Float(literal)) => float(&literal, false),
        Ok(other) => Err(Error::new_spanned(other, EXPECTED)),
        Err(error) => Err(Error::new(error.span(), EXPECTED)),
    }
}

const EXPECTED: &str = "expected a value: `\"text\"`, `1`, `-0.5`, `true`, `[1, 2]`, `{\"key\": 1}`, `None`, \
                        or the path of a constant or an enum's variant";

struct Json(Value);

impl Parse for Json {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        json(input).map(Self)
    }
}

fn object(input: ParseStream<'_>) -> Result<Value> {
    let inside;
    braced!(inside in input);
    let mut entries = Map::new();
    while !inside.is_empty() {
        let key: LitStr = inside.parse()?;
        inside.parse::<Token![:]>()?;
        entries.insert(key.value(), json(&inside)?);
        if !inside.is_empty() {
            inside.parse::<Token![,]>()?;
        }
    }
    Ok(Value::Object(entries))
}

fn integer(literal: &LitInt, negative: bool) -> Result<Value> {
    let digits = literal.base10_digits();
    let number = if negative {
        format!("-{digits}").parse::<i64>().ok().map(Number::from)
    } else {
        digits.parse::<u64>().ok().map(Number::from)
    };
    // An integer literal may carry a float's suffix: `1f32`.
    if literal.suffix().starts_with('f') {
        let number: f64 = literal.base10_digits().parse().map_err(|_| too_large(literal))?;
        return Ok(Value::from(if negative { -number } else { number }));
    }
    number.map(Value::Number).ok_or_else(|| too_large(literal))
}

fn float(literal: &LitFloat, negative: bool) -> Result<Value> {
    let number: f64 = literal.base10_parse()?;
    Number::from_f64(if negative { -number } else { number })
        .map(Value::Number)
        .ok_or_else(|| Error::new_spanned(literal, "the number is too large"))
}

fn too_large(literal: &LitInt) -> Error {
    Error::new_spanned(literal, "the number does not fit into 64 bits")
}

/// A value and the tokens it was written with.
#[derive(Clone)]
pub(crate) struct Written<T> {
    pub(crate) value: T,
    pub(crate) tokens: TokenStream,
}

impl<T: Parse> Parse for Written<T> {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let before = input.cursor();
        let value = input.parse()?;
        let after = input.cursor();
        let mut tokens = TokenStream::new();
        let mut cursor = before;
        while cursor != after {
            let Some((tree, rest)) = cursor.token_tree() else { break };
            tokens.extend([tree]);
            cursor = rest;
        }
        Ok(Self { value, tokens })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use quote::quote;
    use serde_json::json;

    use super::*;

    fn parsed(tokens: TokenStream) -> Value {
        match syn::parse2(tokens).unwrap() {
            Literal::Json(value) => value,
            Literal::Path(path) => panic!("a path: {}", quote!(#path)),
        }
    }

    #[test]
    fn every_json_value_can_be_written() {
        assert_eq!(parsed(quote!("a")), json!("a"));
        assert_eq!(parsed(quote!(-3)), json!(-3));
        assert_eq!(parsed(quote!(-0.5)), json!(-0.5));
        assert_eq!(parsed(quote!(1_000u32)), json!(1000));
        assert_eq!(parsed(quote!(18446744073709551615)), json!(u64::MAX));
        assert_eq!(parsed(quote!(2f32)), json!(2.0));
        assert_eq!(parsed(quote!(true)), json!(true));
        assert_eq!(parsed(quote!(["a", "b"])), json!(["a", "b"]));
        assert_eq!(parsed(quote!([])), json!([]));
        assert_eq!(parsed(quote!({})), json!({}));
        assert_eq!(parsed(quote!({"a": [1, null], "b": {}})), json!({"a": [1, null], "b": {}}));
        assert_eq!(parsed(quote!(None)), json!(null));
        assert_eq!(parsed(quote!(Some(2))), json!(2));
    }

    #[test]
    fn a_variant_is_a_path() {
        assert!(matches!(syn::parse2(quote!(Style::Sharp)).unwrap(), Literal::Path(_)));
        assert!(matches!(syn::parse2(quote!(DEFAULT)).unwrap(), Literal::Path(_)));
    }

    #[test]
    fn an_expression_is_refused() {
        assert!(syn::parse2::<Literal>(quote!(1 + 1)).is_err());
        assert!(syn::parse2::<Literal>(quote!(99999999999999999999)).is_err());
    }
}
