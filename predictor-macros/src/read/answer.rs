//! What the function gives.

use syn::visit_mut::VisitMut;
use syn::{
    GenericArgument, Lifetime, PathArguments, ReturnType, Signature, TraitBound, Type, TypeParamBound,
    TypeReference,
};

use crate::faults::Faults;
use crate::form::Form;
use crate::predictor::{Answer, AnswerKind};
use crate::shape::{Shape, arguments, is_named, last_segment, shown};

/// Reads the return type of the function that predicts.
pub(super) fn answer(signature: &Signature, faults: &Faults) -> Option<Answer> {
    let ty = returned(signature, "`-> String`, `-> Result<cog::Path>` (`-> ()` for nothing)", faults)?;
    let inside = result(ty);
    let fallible = inside.is_some();
    let core = inside.unwrap_or(ty);
    let pieces = pieces(core, faults)?;
    let (ty, kind) = match pieces {
        None => (ty, AnswerKind::Single),
        Some((item, Source::Iterator)) => (item, AnswerKind::Iterator { fallible }),
        Some((item, Source::Stream)) => (item, AnswerKind::Stream { fallible }),
    };
    made(ty, kind, faults)
}

/// Reads the return type of a function that makes several predictions at once: what it gives for each, and whether
/// the list is in a `Result`.
pub(super) fn answers(signature: &Signature, faults: &Faults) -> Option<(Answer, bool)> {
    let ty = returned(signature, "`-> Vec<Result<String>>`", faults)?;
    let inside = result(ty);
    let list = last_segment(inside.unwrap_or(ty)).filter(|last| last.ident == "Vec");
    let Some(item) = list.and_then(|list| arguments(list).next()) else {
        let message = format!(
            "a batch gives a list with an answer for each of its inputs: write `Vec<{}>`",
            shown(inside.unwrap_or(ty))
        );
        faults.with_form(ty, message, Form::Batch);
        return None;
    };
    let made = made(item, AnswerKind::Single, faults)?;
    Some((made, inside.is_some()))
}

fn returned<'a>(signature: &'a Signature, forms: &str, faults: &Faults) -> Option<&'a Type> {
    match &signature.output {
        ReturnType::Type(_, ty) => Some(ty),
        ReturnType::Default => {
            let name = &signature.ident;
            faults.at(name, format!("`{name}` needs a return type: {forms}"));
            None
        }
    }
}

fn made(ty: &Type, kind: AnswerKind, faults: &Faults) -> Option<Answer> {
    if Shape::of(result(ty).unwrap_or(ty)).holds(&Shape::Secret) {
        faults.at(ty, "a secret is no output: whatever a prediction gives is shown");
        return None;
    }
    let mut ty = ty.clone();
    let mut elided = Elided { borrows: false };
    elided.visit_type_mut(&mut ty);
    Some(Answer { ty, kind, borrows: elided.borrows })
}

/// The type inside a `Result<…>`.
fn result(ty: &Type) -> Option<&Type> {
    let last = last_segment(ty).filter(|last| last.ident == "Result")?;
    arguments(last).next()
}

#[derive(Clone, Copy)]
enum Source {
    Iterator,
    Stream,
}

/// The item of an iterator or stream; outer `None` after a fault.
fn pieces<'a>(ty: &'a Type, faults: &Faults) -> Option<Option<(&'a Type, Source)>> {
    match ty {
        Type::ImplTrait(ty) => bounds(ty.bounds.iter(), ty, faults).map(Some),
        Type::TraitObject(ty) => bounds(ty.bounds.iter(), ty, faults).map(Some),
        Type::Paren(ty) => pieces(&ty.elem, faults),
        Type::Group(ty) => pieces(&ty.elem, faults),
        _ => {
            let Some(last) = last_segment(ty) else { return Some(None) };
            match last.ident.to_string().as_str() {
                "Box" | "Pin" => arguments(last).next().map_or(Some(None), |inner| pieces(inner, faults)),
                "BoxStream" => Some(arguments(last).next().map(|item| (item, Source::Stream))),
                "LocalBoxStream" => {
                    faults.at(ty, "a stream must be `Send`: write `BoxStream`");
                    None
                }
                _ => Some(None),
            }
        }
    }
}

fn bounds<'a>(
    bounds: impl Iterator<Item = &'a TypeParamBound>,
    whole: &impl quote::ToTokens,
    faults: &Faults,
) -> Option<(&'a Type, Source)> {
    for bound in bounds {
        let TypeParamBound::Trait(bound) = bound else { continue };
        let Some(last) = bound.path.segments.last() else { continue };
        let source = match last.ident.to_string().as_str() {
            "Iterator" | "IntoIterator" | "ExactSizeIterator" | "DoubleEndedIterator" | "FusedIterator" => {
                Source::Iterator
            }
            "Stream" => Source::Stream,
            "Future" => {
                faults.at(whole, "write `async fn` instead of returning a future");
                return None;
            }
            _ => continue,
        };
        let Some(item) = item(bound) else {
            let name = &last.ident;
            faults.with_form(
                whole,
                format!("say what the pieces are: `impl {name}<Item = String>`"),
                Form::Pieces,
            );
            return None;
        };
        return Some((item, source));
    }
    faults.with_form(
        whole,
        "an output has one concrete type, or is an `Iterator` or a `Stream` of them",
        Form::Pieces,
    );
    None
}

fn item(bound: &TraitBound) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &bound.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(item) if item.ident == "Item" => Some(&item.ty),
        _ => None,
    })
}

/// Writes out the lifetimes that a return type may leave out and an associated type may not. Any will do: which
/// type it is does not depend on them.
struct Elided {
    borrows: bool,
}

impl VisitMut for Elided {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() {
            reference.lifetime = Some(Lifetime::new("'static", reference.and_token.span));
            self.borrows = true;
        }
        syn::visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = Lifetime::new("'static", lifetime.span());
            self.borrows = true;
        }
    }
}

/// Reports a `setup` that does not return what it must.
pub(super) fn setup_returns(signature: &Signature, faults: &Faults) -> bool {
    let ReturnType::Type(_, ty) = &signature.output else {
        faults.with_form(
            &signature.ident,
            "`setup` must return the predictor: `-> Result<Self>`",
            Form::Setup,
        );
        return false;
    };
    let empty = |ty: &Type| matches!(ty, Type::Tuple(ty) if ty.elems.is_empty());
    if empty(ty) || result(ty).is_some_and(empty) {
        let message = format!(
            "`setup` makes the predictor and must return it: write `Result<Self>`, not `{}`",
            shown(ty)
        );
        faults.with_form(ty, message, Form::Setup);
        return false;
    }
    true
}

/// Whether a parameter is `&Setup`.
pub(super) fn is_setup(ty: &Type) -> bool {
    matches!(ty, Type::Reference(ty) if ty.mutability.is_none() && is_named(&ty.elem, "Setup"))
}
