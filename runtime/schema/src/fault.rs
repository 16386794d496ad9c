//! Mistakes in a signature itself: constraints that do not fit their type, defaults that break their own rules.

use std::cmp::Ordering;
use std::fmt;

use serde_json::{Number, Value};

use crate::admits::Bounds;
use crate::number::{compare, same};
use crate::types::json_type_of;
use crate::violation::Breach;
use crate::{Input, Signature, Type};

/// A mistake in the declaration of an input. `Display` is a fragment that reads on after "input `x`: ".
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// A constraint on a type it says nothing about.
    Inapplicable {
        /// The attribute's name.
        constraint: &'static str,
        /// What the input is.
        ty: &'static str,
        /// What the constraint is for.
        meant_for: &'static str,
    },
    /// `ge` is above `le`, or both lie outside the type.
    NothingBetween {
        /// The smallest number allowed.
        minimum: Number,
        /// The largest number allowed.
        maximum: Number,
    },
    /// `min_length` is above `max_length`.
    NoLength {
        /// The fewest characters.
        min_length: u64,
        /// The most characters.
        max_length: u64,
    },
    /// The regular expression does not compile.
    Regex {
        /// The expression.
        regex: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An empty list of choices.
    NoChoices,
    /// The same choice twice.
    RepeatedChoice(Value),
    /// A choice of another type than the input, or one that breaks the input's other constraints.
    Choice {
        /// The choice.
        choice: Value,
        /// Why the input does not allow it.
        breach: Breach,
    },
    /// A null default for a type that has no null.
    NullDefault,
    /// A default that the input does not allow.
    Default {
        /// Where inside the default (`/1` for the second element); empty for the whole.
        at: String,
        /// Why the input does not allow it.
        breach: Breach,
    },
    /// Another input has the same name.
    RepeatedName,
}

impl Signature {
    /// Every mistake in the signature, with the name of the input it is in.
    pub fn faults(&self) -> Vec<(&str, Fault)> {
        let mut faults = Vec::new();
        for (index, input) in self.inputs.iter().enumerate() {
            if self.inputs[..index].iter().any(|earlier| earlier.name == input.name) {
                faults.push((input.name.as_str(), Fault::RepeatedName));
            }
            faults.extend(input.faults().into_iter().map(|fault| (input.name.as_str(), fault)));
        }
        faults
    }
}

impl Input {
    /// Every mistake in the declaration of this input.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.inapplicable(&mut faults);
        self.empty_ranges(&mut faults);
        if let Some(regex) = &self.constraints.regex
            && let Some(reason) = regex.fault()
        {
            faults.push(Fault::Regex { regex: regex.as_str().to_owned(), reason: reason.to_owned() });
        }
        self.faulty_choices(&mut faults);
        // Where no value is allowed, or the choices are themselves in doubt, the default is not to blame.
        if !faults.iter().any(Fault::leaves_nothing) {
            self.faulty_default(&mut faults);
        }
        faults
    }

    fn inapplicable(&self, faults: &mut Vec<Fault>) {
        let limits = &self.constraints;
        let ty = self.ty.required();
        let number = matches!(ty, Type::Integer(_) | Type::Number);
        let text = matches!(ty, Type::String | Type::Secret);
        let choosable = matches!(ty, Type::String | Type::Integer(_));
        let rules = [
            ("ge", limits.ge.is_some(), number, "numbers"),
            ("le", limits.le.is_some(), number, "numbers"),
            ("min_length", limits.min_length.is_some(), text, "text"),
            ("max_length", limits.max_length.is_some(), text, "text"),
            ("regex", limits.regex.is_some(), text, "text"),
            ("choices", limits.choices.is_some(), choosable, "text and integers"),
            ("accept", self.accept.is_some(), self.ty.holds_path(), "files"),
        ];
        for (constraint, given, fits, meant_for) in rules {
            if given && !fits {
                faults.push(Fault::Inapplicable { constraint, ty: noun(ty), meant_for });
            }
        }
    }

    fn empty_ranges(&self, faults: &mut Vec<Fault>) {
        let limits = &self.constraints;
        let bounds = match self.ty.required() {
            Type::Integer(range) => Bounds::of_integer(*range, Some(limits)),
            _ => Bounds::of_number(Some(limits)),
        };
        if let (Some(minimum), Some(maximum)) = (bounds.minimum, bounds.maximum)
            && compare(&minimum, &maximum) == Ordering::Greater
        {
            faults.push(Fault::NothingBetween { minimum, maximum });
        }
        if let (Some(min_length), Some(max_length)) = (limits.min_length, limits.max_length)
            && min_length > max_length
        {
            faults.push(Fault::NoLength { min_length, max_length });
        }
    }

    fn faulty_choices(&self, faults: &mut Vec<Fault>) {
        let inapplicable = |fault: &Fault| matches!(fault, Fault::Inapplicable { constraint: "choices", .. });
        let Some(choices) = self.choices().filter(|_| !faults.iter().any(inapplicable)) else { return };
        if choices.is_empty() {
            faults.push(Fault::NoChoices);
        }
        let mut plain = self.clone();
        plain.constraints.choices = None;
        for (index, choice) in choices.iter().enumerate() {
            if choices[..index].iter().any(|earlier| same(earlier, choice)) {
                faults.push(Fault::RepeatedChoice(choice.clone()));
            }
            let violations = plain.admits(choice).err().unwrap_or_default();
            let breaches = violations.into_iter().map(|violation| violation.breach);
            faults.extend(breaches.map(|breach| Fault::Choice { choice: choice.clone(), breach }));
        }
    }

    fn faulty_default(&self, faults: &mut Vec<Fault>) {
        match &self.default {
            None => {}
            // A secret too: only in other languages may one without `Option` be null.
            Some(Value::Null) if !self.ty.is_optional() => faults.push(Fault::NullDefault),
            Some(default) => {
                for violation in self.admits(default).err().unwrap_or_default() {
                    let at = violation.field[self.name.len()..].to_owned();
                    faults.push(Fault::Default { at, breach: violation.breach });
                }
            }
        }
    }
}

impl Fault {
    fn leaves_nothing(&self) -> bool {
        matches!(
            self,
            Fault::NothingBetween { .. } | Fault::NoLength { .. } | Fault::NoChoices | Fault::Choice { .. }
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Inapplicable { constraint, ty, meant_for } => {
                write!(out, "`{constraint}` is for {meant_for}, and this input is {ty}")
            }
            Fault::NothingBetween { minimum, maximum } => {
                write!(out, "no number is at least {minimum} and at most {maximum}")
            }
            Fault::NoLength { min_length, max_length } => {
                write!(out, "`min_length` {min_length} is above `max_length` {max_length}")
            }
            Fault::Regex { regex, reason } => write!(out, "`{regex}` is no regular expression: {reason}"),
            Fault::NoChoices => out.write_str("`choices` is empty, so no value would be allowed"),
            Fault::RepeatedChoice(choice) => write!(out, "the choice `{choice}` is there twice"),
            Fault::Choice { choice, breach } => write!(out, "the choice `{choice}` is not allowed: {breach}"),
            Fault::NullDefault => out.write_str("a default of null needs an optional type"),
            Fault::Default { at, breach } if at.is_empty() => {
                write!(out, "the default is not allowed: {breach}")
            }
            Fault::Default { at, breach } => write!(out, "the default is not allowed at `{at}`: {breach}"),
            Fault::RepeatedName => out.write_str("another input has the same name"),
        }
    }
}

impl std::error::Error for Fault {}

/// What an input of the type is, in a sentence.
fn noun(ty: &Type) -> &'static str {
    match ty {
        Type::String => "text",
        Type::Boolean => "a boolean",
        Type::Integer(_) => "an integer",
        Type::Number => "a number with a fraction",
        Type::Path => "a file",
        Type::Secret => "a secret",
        Type::Any | Type::Object(_) => "a JSON object",
        Type::List(_) => "a list",
        Type::Map(_) => "a map",
        Type::Choice(choices) => match choices.first().map(json_type_of) {
            Some("integer") => "a choice of integers",
            _ => "a choice",
        },
        Type::Union(_) => "a union",
        Type::Optional(inner) => noun(inner),
        Type::Unknown => "of unknown type",
    }
}
