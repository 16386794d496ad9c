//! What a new signature takes from the callers of an old one.
//!
//! A caller breaks when an input that was let through is refused now, or when an output is something that a reader of
//! the old one is not prepared for. A new default, a new optional input, a wider limit break nobody.

use std::fmt;

use cog_schema::{Constraints, Delivery, Input, Output, Signature, Type};
use serde_json::{Number, Value};

use super::words;

/// One thing that callers of the old signature cannot do any more.
#[derive(Debug, Clone, PartialEq)]
pub enum Break {
    /// An input is gone.
    Removed(String),
    /// An input has another name.
    Renamed {
        /// Its old name.
        from: String,
        /// The name that is likely its new one.
        to: String,
    },
    /// A new input has to be given.
    NewlyAdded(String),
    /// An input has to be given that could be left out.
    NewlyRequired(String),
    /// An input takes less than before.
    Narrowed {
        /// Its name.
        input: String,
        /// What it takes now, as the end of a sentence.
        how: String,
    },
    /// The output is another.
    Output {
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Removed(input) => write!(f, "input `{input}` is gone"),
            Self::Renamed { from, to } => write!(f, "input `{from}` is gone, and `{to}` is new in its place"),
            Self::NewlyAdded(input) => write!(f, "input `{input}` is new and has to be given"),
            Self::NewlyRequired(input) => {
                write!(f, "input `{input}` has to be given and could be left out before")
            }
            Self::Narrowed { input, how } => write!(f, "input `{input}` {how}"),
            Self::Output { from, to } => write!(f, "the output is {to} and was {from}"),
        }
    }
}

/// Everything about `new` that breaks callers of `old`, in the order of the old signature.
pub fn breaks(old: &Signature, new: &Signature) -> Vec<Break> {
    let mut found = Vec::new();
    let mut added: Vec<&Input> = new.inputs.iter().filter(|input| old.input(&input.name).is_none()).collect();
    for input in &old.inputs {
        let Some(now) = new.input(&input.name) else {
            found.push(match renamed(input, &added) {
                Some(at) => Break::Renamed { from: input.name.clone(), to: added.remove(at).name.clone() },
                None => Break::Removed(input.name.clone()),
            });
            continue;
        };
        if now.is_required() && !input.is_required() {
            found.push(Break::NewlyRequired(input.name.clone()));
        }
        let how = narrowed(input, now);
        found.extend(how.into_iter().map(|how| Break::Narrowed { input: input.name.clone(), how }));
    }
    let needed = added.iter().filter(|input| input.is_required());
    found.extend(needed.map(|input| Break::NewlyAdded(input.name.clone())));
    if !gives(&old.output, &new.output) {
        let (from, to) = (words::of_output(&old.output), words::of_output(&new.output));
        // What the words do not tell apart is in the parts.
        let to = if from == to { format!("another {to}") } else { to };
        found.push(Break::Output { from, to });
    }
    found
}

/// Which of the new inputs is likely the old one under another name: one of the same type, that is required alike.
fn renamed(old: &Input, added: &[&Input]) -> Option<usize> {
    let alike = |new: &&Input| new.ty == old.ty && new.is_required() == old.is_required();
    let mut candidates = added.iter().enumerate().filter(|(_, new)| alike(new)).map(|(at, _)| at);
    let first = candidates.next()?;
    if candidates.next().is_none() && old.is_required() {
        return Some(first);
    }
    let near = |at: usize| strsim::jaro_winkler(&old.name, &added[at].name);
    let best = (0..added.len())
        .filter(|at| alike(&added[*at]))
        .max_by(|one, other| near(*one).total_cmp(&near(*other)))?;
    (near(best) > 0.8).then_some(best)
}

/// What `new` no longer takes of what `old` took.
fn narrowed(old: &Input, new: &Input) -> Vec<String> {
    let mut found = Vec::new();
    if old.is_nullable() && !new.is_nullable() {
        found.push("does not take null any more".to_owned());
    }
    let (was, is) = (old.ty.required(), new.ty.required());
    // A closed set is compared value by value, whatever its type is called.
    if let Some(values) = old.choices() {
        let lost: Vec<String> =
            values.iter().filter(|value| new.admits(value).is_err()).map(Value::to_string).collect();
        if !lost.is_empty() {
            found.push(format!("does not take {} any more", lost.join(", ")));
        }
        return found;
    }
    if let Some(values) = new.choices() {
        let shown: Vec<String> = values.iter().map(Value::to_string).collect();
        found.push(format!("takes only {} and took any {}", shown.join(", "), words::of_type(was)));
        return found;
    }
    if !takes(is, was) {
        let (is, was) = (words::of_type(is), words::of_type(was));
        // Integers are called alike, whatever their range.
        if is != was {
            found.push(format!("takes {is} and took {was}"));
            return found;
        }
    }
    if matches!(was, Type::Integer(_) | Type::Number) && matches!(is, Type::Integer(_) | Type::Number) {
        let ((low, high), (old_low, old_high)) = (bounds(new), bounds(old));
        if less(&old_low, &low) {
            found.push(format!("takes at least {low} and took {old_low}"));
        }
        if less(&high, &old_high) {
            found.push(format!("takes at most {high} and took {old_high}"));
        }
    } else if !takes(is, was) {
        found.push(format!("takes less than before: {}", words::of_type(is)));
    }
    found.extend(lengths(&old.constraints, &new.constraints));
    found
}

fn lengths(old: &Constraints, new: &Constraints) -> Vec<String> {
    let mut found = Vec::new();
    let (was, is) = (old.min_length.unwrap_or(0), new.min_length.unwrap_or(0));
    if is > was {
        found.push(format!("takes at least {is} characters and took {was}"));
    }
    let longest = |limit: Option<u64>| limit.map_or("any number".to_owned(), |limit| limit.to_string());
    if new.max_length.is_some_and(|is| old.max_length.is_none_or(|was| is < was)) {
        let (is, was) = (longest(new.max_length), longest(old.max_length));
        found.push(format!("takes at most {is} characters and took {was}"));
    }
    if let Some(regex) = &new.regex
        && old.regex.as_ref().map(cog_schema::Pattern::as_str) != Some(regex.as_str())
    {
        found.push(format!("has to match `{}` now", regex.as_str()));
    }
    found
}

/// The least and the greatest number that an input takes; infinite where there is no such.
fn bounds(input: &Input) -> (Bound, Bound) {
    let limits = &input.constraints;
    let (mut low, mut high) = match input.ty.required() {
        Type::Integer(range) => (
            range.min.map_or(Bound::Least, |min| Bound::At(min.into())),
            range.max.map_or(Bound::Greatest, |max| Bound::At(max.into())),
        ),
        _ => (Bound::Least, Bound::Greatest),
    };
    if let Some(ge) = limits.ge.clone().map(Bound::At)
        && less(&low, &ge)
    {
        low = ge;
    }
    if let Some(le) = limits.le.clone().map(Bound::At)
        && less(&le, &high)
    {
        high = le;
    }
    (low, high)
}

#[derive(Debug, Clone, PartialEq)]
enum Bound {
    Least,
    At(Number),
    Greatest,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Least => f.write_str("less"),
            Self::At(number) => write!(f, "{number}"),
            Self::Greatest => f.write_str("more"),
        }
    }
}

fn less(one: &Bound, other: &Bound) -> bool {
    match (one, other) {
        (Bound::At(one), Bound::At(other)) => match (whole(one), whole(other)) {
            (Some(one), Some(other)) => one < other,
            _ => one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| one < other),
        },
        (Bound::Least, Bound::At(_) | Bound::Greatest) | (Bound::At(_), Bound::Greatest) => true,
        _ => false,
    }
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// Whether every value of `old` is one of `new`, ranges of numbers left out.
fn takes(new: &Type, old: &Type) -> bool {
    match (new, old) {
        _ if new == old => true,
        // Of what is not understood nothing is said.
        (Type::Unknown, _) | (_, Type::Unknown) => true,
        (_, Type::Optional(old)) => new.admits(&Value::Null) && takes(new.required(), old),
        (Type::Optional(new), old) => takes(new, old),
        (new, Type::Union(variants)) => variants.iter().all(|old| takes(new, old)),
        (Type::Union(variants), old) => variants.iter().any(|new| takes(new, old) && within(new, old)),
        (new, Type::Choice(values)) => values.iter().all(|value| new.admits(value)),
        (Type::String | Type::Secret, Type::String | Type::Secret)
        | (Type::Path, Type::Path)
        | (Type::Boolean, Type::Boolean)
        | (Type::Number, Type::Number)
        | (Type::Number | Type::Integer(_), Type::Integer(_))
        | (Type::Any, Type::Any | Type::Map(_) | Type::Object(_)) => true,
        (Type::Map(new), Type::Any) => **new == Type::Any,
        (Type::List(new), Type::List(old)) => takes(new, old) && within(new, old),
        (Type::Map(new), Type::Map(old)) => **new == Type::Any || (takes(new, old) && within(new, old)),
        (Type::Object(new), Type::Object(old)) => {
            new.iter().all(|field| match old.iter().find(|other| other.name == field.name) {
                Some(was) => takes(&field.ty, &was.ty) && within(&field.ty, &was.ty),
                None => field.ty.is_optional(),
            })
        }
        _ => false,
    }
}

/// Whether the range of `new`, where both are integers, holds that of `old`: inside of a type nothing else tells.
fn within(new: &Type, old: &Type) -> bool {
    match (new.required(), old.required()) {
        (Type::Integer(new), Type::Integer(old)) => {
            let low = new.min.is_none_or(|min| old.min.is_some_and(|old| old >= min));
            let high = new.max.is_none_or(|max| old.max.is_some_and(|old| old <= max));
            low && high
        }
        _ => true,
    }
}

/// Whether a reader of `old` is prepared for what `new` gives.
fn gives(old: &Output, new: &Output) -> bool {
    let (old, new) = (whole_output(old), whole_output(new));
    reads(&old, &new)
}

/// Whether a reader of `old` is prepared for a value of `new`.
fn reads(old: &Type, new: &Type) -> bool {
    match (old, new) {
        _ if old == new => true,
        (Type::Unknown | Type::Any, _) | (_, Type::Unknown) => true,
        (_, Type::Optional(new)) => old.is_optional() && reads(old.required(), new),
        (Type::Optional(old), new) => reads(old, new),
        (old, Type::Union(variants)) => variants.iter().all(|new| reads(old, new)),
        (Type::Union(variants), new) => variants.iter().any(|old| reads(old, new)),
        (Type::List(old), Type::List(new)) => reads(old, new),
        (Type::Map(old), Type::Map(new)) => reads(old, new),
        (Type::Object(old), Type::Object(new)) => {
            old.iter().all(|field| match new.iter().find(|other| other.name == field.name) {
                Some(is) => reads(&field.ty, &is.ty),
                None => field.ty.is_optional(),
            })
        }
        // Who tells a few values apart is not prepared for any other.
        (Type::Choice(_), Type::String | Type::Integer(_) | Type::Number) => false,
        (Type::Integer(_), Type::Integer(_)) => true,
        (old, new) => takes(old, new),
    }
}

/// An output's type with its delivery told by the type: who reads the whole answer sees a list either way.
fn whole_output(output: &Output) -> Type {
    match output.delivery {
        Delivery::Single => output.ty.clone(),
        Delivery::Iterator | Delivery::Concatenate => Type::List(Box::new(output.ty.clone())),
    }
}
