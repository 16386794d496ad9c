//! The two attributes as functions of tokens.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, FnArg, ImplItem, ItemFn, ItemImpl, Signature, Type, parse_quote};

use crate::docs::is_doc;
use crate::faults::Faults;
use crate::form::Form;
use crate::limits::is_input;
use crate::options::Options;
use crate::{expand, fallback, read};

/// `#[cog::predictor]`.
pub(crate) fn predictor(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let faults = Faults::new();
    let options = Options::read(arguments, "predictor", &faults);
    let mut item: ItemImpl = match syn::parse2(item.clone()) {
        Ok(item) => item,
        Err(error) => {
            match what(&item) {
                Some("fn") => faults.with_form(
                    &head(&item),
                    "`#[cog::predictor]` goes on an `impl`; for a free function there is `#[cog::predict]`",
                    Form::Function,
                ),
                Some("impl") | None => faults.push(error),
                Some(_) => faults.with_form(
                    &head(&item),
                    "`#[cog::predictor]` goes on the type's `impl`",
                    Form::Predictor,
                ),
            }
            return beside(item, faults);
        }
    };
    let predictor = read::methods(&item, options, &faults);
    strip_methods(&mut item);
    let ty = &item.self_ty;
    match (faults.finish(), predictor) {
        (None, Some(predictor)) => {
            let expansion = expand::expand(ty, &predictor);
            quote!(#item #expansion)
        }
        (errors, _) => {
            keep_first(&mut item);
            let own = item.trait_.is_none() && item.generics.params.is_empty();
            let hollow =
                (own && matches!(*item.self_ty, Type::Path(_))).then(|| fallback::predictor(&item.self_ty));
            quote!(#errors #item #hollow)
        }
    }
}

/// `#[cog::predict]`.
pub(crate) fn predict(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let faults = Faults::new();
    let options = Options::read(arguments, "predict", &faults);
    let mut item: ItemFn = match syn::parse2(item.clone()) {
        Ok(item) => item,
        Err(error) => {
            match what(&item) {
                Some("fn") | None => faults.push(error),
                Some(_) => faults.with_form(
                    &head(&item),
                    "`#[cog::predict]` goes on a free function; on an `impl` there is `#[cog::predictor]`",
                    Form::Predictor,
                ),
            }
            return beside(item, faults);
        }
    };
    let predictor = read::function(&item, &options, &faults);
    strip(&mut item.sig, &mut item.attrs);
    if item.sig.receiver().is_some() {
        // A method stays where it is: a type cannot stand inside an impl.
        return beside(item.to_token_stream(), faults);
    }
    let (name, visibility) = (&item.sig.ident, &item.vis);
    let ty: Type = parse_quote!(#name);
    let words = format!("The predictor that `{name}` is: what `cog::main::<{name}>()` runs.");
    let stand_in = quote! {
        #[doc = #words]
        #[allow(non_camel_case_types, reason = "it goes by the function's name")]
        #visibility struct #name {}
    };
    match (faults.finish(), predictor) {
        (None, Some(predictor)) => {
            let expansion = expand::expand(&ty, &predictor);
            quote!(#item #stand_in #expansion)
        }
        (errors, _) => {
            let hollow = fallback::predictor(&ty);
            quote!(#errors #item #stand_in #hollow)
        }
    }
}

/// The item as it was, and the errors.
fn beside(item: TokenStream, faults: Faults) -> TokenStream {
    let errors = faults.finish();
    quote!(#errors #item)
}

/// The keyword that says what the item is.
fn what(item: &TokenStream) -> Option<&'static str> {
    const KINDS: [&str; 9] = ["impl", "fn", "struct", "enum", "trait", "mod", "union", "static", "type"];
    item.clone().into_iter().find_map(|tree| match tree {
        proc_macro2::TokenTree::Ident(word) => KINDS.into_iter().find(|kind| word == kind),
        _ => None,
    })
}

/// The item's first line or so, for an error to point at.
fn head(item: &TokenStream) -> TokenStream {
    let group = |tree: &proc_macro2::TokenTree| matches!(tree, proc_macro2::TokenTree::Group(_));
    let attribute = |tree: &proc_macro2::TokenTree| {
        group(tree) || matches!(tree, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == '#')
    };
    item.clone().into_iter().skip_while(attribute).take_while(|tree| !group(tree)).collect()
}

/// Takes away what only we understand: doc comments and `#[input]` on parameters. That a model has many inputs is
/// nothing for Clippy to complain of.
fn strip(signature: &mut Signature, attributes: &mut Vec<Attribute>) {
    const CLIPPY_ALLOWS: usize = 7;
    if signature.inputs.len() > CLIPPY_ALLOWS {
        attributes.push(parse_quote!(#[allow(clippy::too_many_arguments)]));
    }
    for argument in &mut signature.inputs {
        if let FnArg::Typed(argument) = argument {
            argument.attrs.retain(|attribute| !is_doc(attribute) && !is_input(attribute));
        }
    }
}

fn strip_methods(item: &mut ItemImpl) {
    for item in &mut item.items {
        if let ImplItem::Fn(function) = item
            && function.sig.ident == "predict"
        {
            function.attrs.retain(|attribute| !read::is_predict(attribute));
        }
        if let ImplItem::Fn(function) = item
            && ["predict", "setup", "healthcheck"].iter().any(|name| function.sig.ident == name)
        {
            strip(&mut function.sig, &mut function.attrs);
        }
    }
}

/// Takes away the second function of a name, which was reported: the compiler need not report it again.
fn keep_first(item: &mut ItemImpl) {
    let mut seen = Vec::new();
    item.items.retain(|item| match item {
        ImplItem::Fn(function) => {
            let again = seen.contains(&function.sig.ident);
            seen.push(function.sig.ident.clone());
            !again
        }
        _ => true,
    });
}
