//! The one rule for "is this value allowed".
//!
//! Macros ask it about defaults, the server about requests, the command line about `-i name=value`. Everything
//! that is wrong is reported, in the order in which a JSON-Schema validator with sorted keywords would find it
//! (choices, items, lengths and bounds, type).

use std::cmp::Ordering;

use serde_json::{Number, Value};

use crate::number::{compare, is_integral, normalise, plain_numbers, same};
use crate::violation::{Breach, Shown, Violation};
use crate::{Constraints, Input, IntegerRange, Type};

impl Input {
    /// Whether the value is allowed for this input; if not, everything that is wrong with it.
    pub fn admits(&self, value: &Value) -> Result<(), Vec<Violation>> {
        if value.is_null() && self.is_nullable() {
            return Ok(());
        }
        let mut check = Check { violations: Vec::new(), path: self.name.clone() };
        check.whole(&self.ty, &self.constraints, value);
        if check.violations.is_empty() { Ok(()) } else { Err(check.violations) }
    }
}

impl Constraints {
    /// Whether a value of the type keeps within these limits and those of the type.
    pub fn admits(&self, ty: &Type, value: &Value) -> bool {
        let mut check = Check { violations: Vec::new(), path: String::new() };
        check.whole(ty, self, value);
        check.violations.is_empty()
    }
}

impl Type {
    /// Whether a value is of this type.
    pub fn admits(&self, value: &Value) -> bool {
        Constraints::default().admits(self, value)
    }
}

/// How many violations of one input are told: a list may have a million wrong items.
const MOST: usize = 100;

struct Check {
    violations: Vec<Violation>,
    path: String,
}

impl Check {
    /// The whole value of an input; choices are about nothing less.
    fn whole(&mut self, ty: &Type, constraints: &Constraints, value: &Value) {
        if let Some(choices) = &constraints.choices {
            self.choice(choices, value, ty);
        }
        self.value(ty, Some(constraints), value);
    }

    fn value(&mut self, ty: &Type, constraints: Option<&Constraints>, value: &Value) {
        if self.violations.len() >= MOST {
            return;
        }
        let shown = || Shown::new(value, ty.holds_secret());
        match ty {
            Type::Optional(_) if value.is_null() => {}
            Type::Optional(inner) => self.value(inner, constraints, value),
            Type::String | Type::Path | Type::Secret => {
                if let (Some(text), Some(limits)) = (value.as_str(), constraints) {
                    self.text(limits, text, &shown);
                }
                self.kind(value.is_string(), "string", &shown);
            }
            Type::Boolean => self.kind(value.is_boolean(), "boolean", &shown),
            Type::Integer(range) => {
                if let Value::Number(number) = value {
                    self.bounds(&Bounds::of_integer(*range, constraints), number, &shown);
                }
                let integral = matches!(value, Value::Number(number) if is_integral(number));
                self.kind(integral, "integer", &shown);
            }
            Type::Number => {
                if let Value::Number(number) = value {
                    self.bounds(&Bounds::of_number(constraints), number, &shown);
                }
                self.kind(value.is_number(), "number", &shown);
            }
            Type::Any => self.kind(value.is_object(), "object", &shown),
            Type::List(item) => {
                for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                    self.inside(&index.to_string(), |check| check.value(item, None, value));
                }
                self.kind(value.is_array(), "array", &shown);
            }
            Type::Map(item) => {
                if **item != Type::Any {
                    let mut entries: Vec<_> = value.as_object().into_iter().flatten().collect();
                    entries.sort_unstable_by_key(|(key, _)| *key);
                    for (key, value) in entries {
                        self.inside(key, |check| check.value(item, None, value));
                    }
                }
                self.kind(value.is_object(), "object", &shown);
            }
            Type::Choice(choices) => {
                self.choice(choices, value, ty);
                if let Some(expected) = ty.json_type() {
                    self.kind(is_a(expected, value), expected, &shown);
                }
            }
            Type::Union(variants) => {
                if !variants.iter().any(|variant| variant.admits(value)) {
                    let mut expected: Vec<_> = variants.iter().filter_map(Type::json_type).collect();
                    expected.dedup();
                    self.push(Breach::NoVariant { value: shown(), expected });
                }
            }
            Type::Object(fields) => {
                for field in fields {
                    match value.get(&field.name) {
                        Some(value) => self.inside(&field.name, |check| check.value(&field.ty, None, value)),
                        None if field.ty.is_optional() || !value.is_object() => {}
                        None => self.inside(&field.name, |check| check.push(Breach::Missing)),
                    }
                }
                self.kind(value.is_object(), "object", &shown);
            }
            Type::Unknown => {}
        }
    }

    fn choice(&mut self, choices: &[Value], value: &Value, ty: &Type) {
        let null = value.is_null() && ty.is_optional();
        if !null && !choices.iter().any(|choice| same(choice, value)) {
            let value = Shown::new(value, ty.holds_secret());
            self.push(Breach::NotAChoice { value, choices: choices.iter().map(plain_numbers).collect() });
        }
    }

    fn text(&mut self, limits: &Constraints, text: &str, shown: &dyn Fn() -> Shown) {
        let length = text.chars().count() as u64;
        if let Some(max_length) = limits.max_length.filter(|max| length > *max) {
            self.push(Breach::TooLong { value: shown(), max_length });
        }
        if let Some(min_length) = limits.min_length.filter(|min| length < *min) {
            self.push(Breach::TooShort { value: shown(), min_length });
        }
        if let Some(regex) = limits.regex.as_ref().filter(|regex| !regex.matches(text)) {
            self.push(Breach::NoMatch { value: shown(), regex: regex.as_str().to_owned() });
        }
    }

    fn bounds(&mut self, bounds: &Bounds, number: &Number, shown: &dyn Fn() -> Shown) {
        if let Some(maximum) = &bounds.maximum
            && compare(number, maximum) == Ordering::Greater
        {
            self.push(Breach::AboveMaximum { value: shown(), maximum: maximum.clone() });
        }
        if let Some(minimum) = &bounds.minimum
            && compare(number, minimum) == Ordering::Less
        {
            self.push(Breach::BelowMinimum { value: shown(), minimum: minimum.clone() });
        }
    }

    fn kind(&mut self, fits: bool, expected: &'static str, shown: &dyn Fn() -> Shown) {
        if !fits {
            self.push(Breach::Type { value: shown(), expected });
        }
    }

    fn inside(&mut self, key: &str, look: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(key);
        look(self);
        self.path.truncate(length);
    }

    fn push(&mut self, breach: Breach) {
        self.violations.push(Violation { field: self.path.clone(), breach });
    }
}

fn is_a(expected: &str, value: &Value) -> bool {
    match (expected, value) {
        ("integer", Value::Number(number)) => is_integral(number),
        ("number", value) => value.is_number(),
        (expected, value) => crate::types::json_type_of(value) == expected,
    }
}

/// The narrowest bounds that a type and its constraints leave, written as the document writes them.
pub(crate) struct Bounds {
    pub(crate) minimum: Option<Number>,
    pub(crate) maximum: Option<Number>,
}

impl Bounds {
    /// An integer is always bounded: by its constraints, its range, or at last by 64 bits.
    pub(crate) fn of_integer(range: IntegerRange, constraints: Option<&Constraints>) -> Self {
        let given = Self::of_number(constraints);
        let lowest = Number::from(range.lowest());
        let highest = Number::from(range.highest());
        Self {
            minimum: Some(tighter(given.minimum, lowest, Ordering::Greater)),
            maximum: Some(tighter(given.maximum, highest, Ordering::Less)),
        }
    }

    pub(crate) fn of_number(constraints: Option<&Constraints>) -> Self {
        Self {
            minimum: constraints.and_then(|limits| limits.ge.as_ref()).map(normalise),
            maximum: constraints.and_then(|limits| limits.le.as_ref()).map(normalise),
        }
    }
}

fn tighter(given: Option<Number>, of_type: Number, wanted: Ordering) -> Number {
    match given {
        Some(given) if compare(&given, &of_type) == wanted => given,
        _ => of_type,
    }
}
