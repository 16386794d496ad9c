//! The arguments of the attribute itself: `#[cog::predictor(concurrency = 4)]`.

use proc_macro2::TokenStream;
use syn::LitInt;
use syn::parse::Parser;

use crate::faults::Faults;
use crate::suggestion::nearest;

/// What the attribute itself says.
pub(crate) struct Options {
    pub(crate) concurrency: usize,
}

impl Options {
    /// Reads the arguments of the attribute of that name.
    pub(crate) fn read(tokens: TokenStream, attribute: &str, faults: &Faults) -> Self {
        let mut concurrency = None;
        let parser = syn::meta::parser(|meta| {
            if !meta.path.is_ident("concurrency") {
                let written = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                let meant = nearest(&written, &["concurrency"]).map_or("it has", |_| "did you mean");
                let end = if meant == "did you mean" { "?" } else { "" };
                return Err(meta.error(format!(
                    "`#[cog::{attribute}]` has no key `{written}`; {meant} `concurrency = 4`{end}"
                )));
            }
            let literal: LitInt = meta.value()?.parse()?;
            let number: usize = literal.base10_parse()?;
            if number == 0 {
                faults.at(&literal, "with a concurrency of 0 nothing would ever run; write 1 or more");
            }
            if concurrency.replace(number.max(1)).is_some() {
                faults.at(&meta.path, "`concurrency` is there twice");
            }
            Ok(())
        });
        if let Err(error) = parser.parse2(tokens) {
            faults.push(error);
        }
        Self { concurrency: concurrency.unwrap_or(1) }
    }
}
