//! An output on its way from the worker: JSON in which files are still paths.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::model::OutputValue;

/// The wire form of [`OutputValue`]. Plain JSON travels as it is and is never taken apart by the supervisor.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WireValue {
    /// Plain JSON.
    Json(Box<RawValue>),
    /// A file, by its local path.
    File(PathBuf),
    /// A list with a file somewhere in it.
    List(Vec<WireValue>),
    /// A structure with a file somewhere in it.
    Object(Vec<(String, WireValue)>),
}

impl TryFrom<OutputValue> for WireValue {
    type Error = String;

    fn try_from(value: OutputValue) -> Result<Self, String> {
        Ok(match value {
            OutputValue::File(path) => {
                if path.to_str().is_none() {
                    return Err(format!("the output file's name is not UTF-8: {}", path.display()));
                }
                Self::File(path)
            }
            OutputValue::List(items) if items.iter().any(has_file) => {
                Self::List(items.into_iter().map(Self::try_from).collect::<Result<_, _>>()?)
            }
            OutputValue::Object(fields) if fields.iter().any(|(_, field)| has_file(field)) => Self::Object(
                fields.into_iter().map(|(name, field)| Ok((name, Self::try_from(field)?))).collect::<Result<
                    _,
                    String,
                >>(
                )?,
            ),
            plain => Self::Json(
                serde_json::value::to_raw_value(&plain_json(plain))
                    .map_err(|error| format!("the output is no JSON: {error}"))?,
            ),
        })
    }
}

fn has_file(value: &OutputValue) -> bool {
    match value {
        OutputValue::Json(_) => false,
        OutputValue::File(_) => true,
        OutputValue::List(items) => items.iter().any(has_file),
        OutputValue::Object(fields) => fields.iter().any(|(_, field)| has_file(field)),
    }
}

fn plain_json(value: OutputValue) -> Value {
    match value {
        OutputValue::Json(value) => value,
        OutputValue::File(path) => Value::String(path.display().to_string()),
        OutputValue::List(items) => Value::Array(items.into_iter().map(plain_json).collect()),
        OutputValue::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, field)| (name, plain_json(field))).collect())
        }
    }
}
