//! Collects everything that is wrong, so that the author sees it all at once.

use std::cell::RefCell;

use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::form::Form;

/// The faults found so far. Must be ended with [`Faults::finish`].
pub(crate) struct Faults {
    found: RefCell<Option<Found>>,
}

#[derive(Default)]
struct Found {
    errors: Vec<syn::Error>,
    shown: Vec<Form>,
}

impl Faults {
    pub(crate) fn new() -> Self {
        Self { found: RefCell::new(Some(Found::default())) }
    }

    /// Reports a fault at the given tokens.
    pub(crate) fn at(&self, tokens: &impl ToTokens, message: impl Into<String>) {
        self.push(syn::Error::new_spanned(tokens, message.into()));
    }

    /// Reports a fault and, if it is the first of its kind, what the whole should look like.
    pub(crate) fn with_form(&self, tokens: &impl ToTokens, message: impl Into<String>, form: Form) {
        let message = self.showing(message.into(), form);
        self.at(tokens, message);
    }

    /// Takes over an error of the parser.
    pub(crate) fn push(&self, error: syn::Error) {
        if let Some(found) = self.found.borrow_mut().as_mut() {
            found.errors.push(error);
        }
    }

    /// The errors as tokens for the compiler; `None` where nothing is wrong.
    pub(crate) fn finish(self) -> Option<TokenStream> {
        let found = self.found.borrow_mut().take().unwrap_or_default();
        let all = found.errors.into_iter().reduce(|mut all, next| {
            all.combine(next);
            all
        })?;
        Some(all.to_compile_error())
    }

    fn showing(&self, message: String, form: Form) -> String {
        let mut found = self.found.borrow_mut();
        let Some(found) = found.as_mut() else { return message };
        if found.shown.contains(&form) {
            return message;
        }
        found.shown.push(form);
        format!("{message}\n\n{form}")
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.found.borrow().is_some() {
            panic!("faults were collected and never looked at");
        }
    }
}
