//! The arguments of the attribute itself: `#[cog::predictor(concurrency = 4)]`.

use std::time::Duration;

use proc_macro2::TokenStream;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, Parser};
use syn::{Ident, LitInt, LitStr, Result};

use crate::faults::Faults;
use crate::form::Form;
use crate::suggestion::nearest;

const KEYS: [&str; 2] = ["concurrency", "batch"];

/// How long a batch waits where its author does not say.
const WAIT: Duration = Duration::from_millis(5);

/// What the attribute itself says.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) concurrency: Option<usize>,
    pub(crate) batch: Option<Batch>,
}

/// `batch(max = 32, wait = "5ms")`.
pub(crate) struct Batch {
    /// Where it stands.
    pub(crate) key: Ident,
    /// How many predictions are made at once.
    pub(crate) max: usize,
    /// How long one waits for others.
    pub(crate) wait: Duration,
}

impl Options {
    /// Reads the arguments of the attribute of that name.
    pub(crate) fn read(tokens: TokenStream, attribute: &str, faults: &Faults) -> Self {
        let mut options = Self::default();
        let parser = syn::meta::parser(|meta| options.key(&meta, attribute, faults));
        if let Err(error) = parser.parse2(tokens) {
            faults.push(error);
        }
        options
    }

    /// Adds what another attribute of the same predictor says.
    pub(crate) fn and(self, other: Self, faults: &Faults) -> Self {
        if let (Some(_), Some(again)) = (&self.batch, &other.batch) {
            faults.at(&again.key, "`batch` is there twice");
        }
        Self { concurrency: other.concurrency.or(self.concurrency), batch: other.batch.or(self.batch) }
    }

    fn key(&mut self, meta: &ParseNestedMeta<'_>, attribute: &str, faults: &Faults) -> Result<()> {
        let written = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match (written.as_str(), meta.path.get_ident()) {
            ("concurrency", _) => {
                let literal: LitInt = meta.value()?.parse()?;
                let number: usize = literal.base10_parse()?;
                if number == 0 {
                    faults.at(&literal, "with a concurrency of 0 nothing would ever run; write 1 or more");
                }
                if self.concurrency.replace(number.max(1)).is_some() {
                    faults.at(&meta.path, "`concurrency` is there twice");
                }
                Ok(())
            }
            ("batch", Some(key)) => {
                if self.batch.is_some() {
                    faults.at(key, "`batch` is there twice");
                }
                self.batch = Some(batch(key, meta, faults)?);
                Ok(())
            }
            _ => Err(meta.error(match nearest(&written, &KEYS) {
                Some(meant) => format!(
                    "`#[cog::{attribute}]` has no key `{written}`; did you mean `{}`?",
                    example(meant)
                ),
                None => format!(
                    "`#[cog::{attribute}]` has no key `{written}`; it has `{}` and `{}`",
                    example("concurrency"),
                    example("batch")
                ),
            })),
        }
    }
}

fn example(key: &str) -> &'static str {
    match key {
        "batch" => "batch(max = 32)",
        _ => "concurrency = 4",
    }
}

fn batch(key: &Ident, meta: &ParseNestedMeta<'_>, faults: &Faults) -> Result<Batch> {
    let (mut max, mut wait) = (None, None);
    if meta.input.peek(syn::token::Paren) {
        meta.parse_nested_meta(|meta| {
            let again = if meta.path.is_ident("max") {
                let literal: LitInt = value(&meta)?;
                let number: usize = literal.base10_parse()?;
                if number == 0 {
                    faults.at(&literal, "a batch of 0 makes nothing; write 1 or more");
                }
                max.replace(number.max(1)).is_some()
            } else if meta.path.is_ident("wait") {
                let literal: LitStr = value(&meta)?;
                let length = duration(&literal.value()).ok_or_else(|| {
                    let message = "a time is a number with `us`, `ms` or `s`: `wait = \"5ms\"`";
                    syn::Error::new_spanned(&literal, message)
                })?;
                wait.replace(length).is_some()
            } else {
                return Err(meta.error("`batch` has the keys `max` and `wait`"));
            };
            if again {
                faults.at(&meta.path, "it is there twice");
            }
            Ok(())
        })?;
    }
    if max.is_none() {
        let message = "`batch` needs to know how many predictions it may take: `batch(max = 32)`";
        faults.with_form(key, message, Form::Batch);
    }
    Ok(Batch { key: key.clone(), max: max.unwrap_or(1), wait: wait.unwrap_or(WAIT) })
}

fn value<T: Parse>(meta: &ParseNestedMeta<'_>) -> Result<T> {
    meta.value()?.parse()
}

/// `5ms` as a length of time.
fn duration(text: &str) -> Option<Duration> {
    let unit = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let number: u32 = number.parse().ok()?;
    match unit.trim() {
        "us" => Some(Duration::from_micros(number.into())),
        "ms" => Some(Duration::from_millis(number.into())),
        "s" => Some(Duration::from_secs(number.into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_number_and_a_unit() {
        assert_eq!(duration("5ms"), Some(Duration::from_millis(5)));
        assert_eq!(duration("250 us"), Some(Duration::from_micros(250)));
        assert_eq!(duration("1s"), Some(Duration::from_secs(1)));
        for wrong in ["", "5", "ms", "5 minutes", "-1ms", "0.5s", "99999999999ms"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
