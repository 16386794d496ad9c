//! Comparison of JSON numbers without loss: 64-bit integers are never squeezed through a float.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Orders two JSON numbers by value.
pub(crate) fn compare(left: &Number, right: &Number) -> Ordering {
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        (Some(left), None) => compare_integer(left, float(right)),
        (None, Some(right)) => compare_integer(right, float(left)).reverse(),
        (None, None) => float(left).partial_cmp(&float(right)).unwrap_or(Ordering::Equal),
    }
}

/// The number as an integer, if it is written as one.
fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

fn compare_integer(left: i128, right: f64) -> Ordering {
    if right.is_nan() {
        return Ordering::Equal;
    }
    // The cast saturates, and both 64-bit ranges lie well within i128, so the whole parts compare exactly.
    let whole = right.trunc();
    left.cmp(&(whole as i128)).then_with(|| {
        if right > whole {
            Ordering::Less
        } else if right < whole {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    })
}

/// Whether the number has no fraction, however it is written: `3.0` is an integer.
pub(crate) fn is_integral(number: &Number) -> bool {
    integer(number).is_some() || float(number).fract() == 0.0
}

/// The number written as an integer, where it is one and fits 64 bits; else as it was.
pub(crate) fn normalise(number: &Number) -> Number {
    if integer(number).is_some() || !is_integral(number) {
        return number.clone();
    }
    let whole = float(number) as i128;
    i64::try_from(whole)
        .map(Number::from)
        .or_else(|_| u64::try_from(whole).map(Number::from))
        .unwrap_or_else(|_| number.clone())
}

/// Whether two JSON values are equal, numbers by value.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => compare(left, right) == Ordering::Equal,
        _ => left == right,
    }
}

/// The value with every whole number written as an integer, as the reference writes it (`2.0` → `2`).
pub(crate) fn plain_numbers(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(normalise(number)),
        Value::Array(values) => values.iter().map(plain_numbers).collect(),
        Value::Object(entries) => {
            entries.iter().map(|(key, value)| (key.clone(), plain_numbers(value))).collect()
        }
        other => other.clone(),
    }
}
