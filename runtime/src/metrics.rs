//! The metrics of one prediction: which names and values are allowed, and how they add up.
//!
//! The worker keeps one to refuse what is wrong where the author can see it; the supervisor keeps one to show.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::model::MetricMode;

const LONGEST_NAME: usize = 128;
const MOST_SEGMENTS: usize = 4;

/// What a prediction has recorded so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    tree: Map<String, Value>,
    kinds: BTreeMap<String, Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Boolean,
    Integer,
    Float,
    Text,
    List,
    Object,
}

impl Kind {
    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_f64() => Self::Float,
            Value::Number(_) => Self::Integer,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Object,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Float => "a float",
            Self::Text => "text",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

impl Metrics {
    /// Records a value; replacing by null deletes.
    ///
    /// # Errors
    /// A name outside the rules, a value whose type differs from what the name held before, an increment of what
    /// is no number.
    pub(crate) fn record(&mut self, name: &str, value: Value, mode: MetricMode) -> Result<(), String> {
        check_name(name)?;
        let Some(kind) = Kind::of(&value) else {
            if mode != MetricMode::Replace {
                return Err(format!("metric `{name}`: null can only replace (which deletes)"));
            }
            self.delete(name);
            return Ok(());
        };
        let before = self.kinds.get(name).copied();
        match mode {
            MetricMode::Replace => {
                self.hold_type(name, before, kind)?;
                self.put(name, value);
                self.kinds.insert(name.to_owned(), kind);
            }
            MetricMode::Increment => {
                if !matches!(kind, Kind::Integer | Kind::Float) {
                    return Err(format!(
                        "metric `{name}`: only numbers can be incremented, not {}",
                        kind.name()
                    ));
                }
                self.hold_type(name, before, kind)?;
                let sum = match self.find(name) {
                    Some(held) => add(held, &value),
                    None => value,
                };
                self.put(name, sum);
                self.kinds.insert(name.to_owned(), kind);
            }
            MetricMode::Append => {
                let list = match self.find(name).cloned() {
                    None => vec![value],
                    Some(Value::Array(mut items)) => {
                        items.push(value);
                        items
                    }
                    Some(scalar) => vec![scalar, value],
                };
                self.put(name, Value::Array(list));
                self.kinds.insert(name.to_owned(), Kind::List);
            }
        }
        Ok(())
    }

    /// The recorded metrics as an object; dots in names have become nesting.
    pub(crate) fn tree(&self) -> &Map<String, Value> {
        &self.tree
    }

    /// Adds how long it all took.
    pub(crate) fn took(&mut self, time: Duration) {
        self.tree.insert("predict_time".to_owned(), Value::from(time.as_secs_f64()));
    }

    fn hold_type(&self, name: &str, before: Option<Kind>, kind: Kind) -> Result<(), String> {
        match before {
            Some(held) if held != kind => Err(format!(
                "metric `{name}` holds {}, not {}; delete it before changing its type",
                held.name(),
                kind.name()
            )),
            _ => Ok(()),
        }
    }

    fn find(&self, name: &str) -> Option<&Value> {
        let mut segments = name.split('.');
        let mut at = self.tree.get(segments.next()?)?;
        for segment in segments {
            at = at.as_object()?.get(segment)?;
        }
        Some(at)
    }

    fn put(&mut self, name: &str, value: Value) {
        let mut at = &mut self.tree;
        let mut rest = name;
        while let Some((segment, after)) = rest.split_once('.') {
            let inner = at.entry(segment).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            let Value::Object(next) = inner else { return };
            (at, rest) = (next, after);
        }
        at.insert(rest.to_owned(), value);
    }

    fn delete(&mut self, name: &str) {
        self.kinds.remove(name);
        let mut at = &mut self.tree;
        let mut rest = name;
        while let Some((segment, after)) = rest.split_once('.') {
            let Some(Value::Object(next)) = at.get_mut(segment) else { return };
            (at, rest) = (next, after);
        }
        at.remove(rest);
    }
}

fn add(held: &Value, more: &Value) -> Value {
    match (held.as_i64(), more.as_i64()) {
        (Some(held), Some(more)) => Value::from(held.wrapping_add(more)),
        _ => Value::from(held.as_f64().unwrap_or(0.0) + more.as_f64().unwrap_or(0.0)),
    }
}

fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(format!("a metric's name has 1 to {LONGEST_NAME} bytes, this has {}", name.len()));
    }
    if name == "predict_time" || name.starts_with("cog.") {
        return Err(format!("the metric name `{name}` is reserved"));
    }
    let segments: Vec<&str> = name.split('.').collect();
    if segments.len() > MOST_SEGMENTS {
        return Err(format!("metric `{name}` has over {MOST_SEGMENTS} parts between dots"));
    }
    if !segments.iter().all(|segment| is_segment(segment)) {
        return Err(format!(
            "metric `{name}`: each part is a letter, then letters, digits and single underscores between them"
        ));
    }
    Ok(())
}

/// `[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*`
fn is_segment(segment: &str) -> bool {
    segment.starts_with(|first: char| first.is_ascii_alphabetic())
        && segment
            .split('_')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use MetricMode::{Append, Increment, Replace};

    fn shown(steps: &[(&str, Value, MetricMode)]) -> Result<Value, String> {
        let mut metrics = Metrics::default();
        for (name, value, mode) in steps {
            metrics.record(name, value.clone(), *mode)?;
        }
        Ok(Value::Object(metrics.tree().clone()))
    }

    #[test]
    fn dots_nest_and_an_object_takes_the_place_of_a_scalar() -> Result<(), String> {
        let steps = [("x", json!(1), Replace), ("x.y", json!(2), Replace), ("x.z", json!(3), Replace)];
        assert_eq!(shown(&steps)?, json!({"x": {"y": 2, "z": 3}}));
        Ok(())
    }

    #[test]
    fn increments_add_up_from_nothing_and_wrap() -> Result<(), String> {
        assert_eq!(shown(&[("n", json!(2), Increment), ("n", json!(3), Increment)])?, json!({"n": 5}));
        let steps = [("n", json!(i64::MAX), Increment), ("n", json!(1), Increment)];
        assert_eq!(shown(&steps)?, json!({"n": i64::MIN}));
        Ok(())
    }

    #[test]
    fn appending_wraps_a_scalar_and_keeps_a_list_whole() -> Result<(), String> {
        let steps = [("n", json!(1), Replace), ("n", json!("a"), Append), ("n", json!([2]), Append)];
        assert_eq!(shown(&steps)?, json!({"n": [1, "a", [2]]}));
        Ok(())
    }

    #[test]
    fn a_type_is_held_until_the_metric_is_deleted() -> Result<(), String> {
        assert!(shown(&[("n", json!(1), Replace), ("n", json!(1.5), Replace)]).is_err());
        assert!(shown(&[("n", json!(1), Replace), ("n", json!(true), Replace)]).is_err());
        let steps = [("n", json!(1), Replace), ("n", Value::Null, Replace), ("n", json!("t"), Replace)];
        assert_eq!(shown(&steps)?, json!({"n": "t"}));
        Ok(())
    }

    #[test]
    fn names_outside_the_rules_are_refused() {
        for name in [
            "",
            "1a",
            "a__b",
            "a_",
            "_a",
            "a..b",
            "a.b.c.d.e",
            "predict_time",
            "cog.x",
            "é",
            &"a".repeat(129),
        ] {
            assert!(shown(&[(name, json!(1), Replace)]).is_err(), "{name}");
        }
        for name in ["a", "aB_1", "cog", "a.b.c.d", "predict_time.x"] {
            assert!(shown(&[(name, json!(1), Replace)]).is_ok(), "{name}");
        }
    }

    #[test]
    fn only_numbers_are_incremented_and_null_only_replaces() {
        assert!(shown(&[("n", json!("a"), Increment)]).is_err());
        assert!(shown(&[("n", Value::Null, Append)]).is_err());
    }
}
