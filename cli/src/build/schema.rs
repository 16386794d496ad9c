//! The document a built model describes itself with.

use serde_json::Value;

use super::{Error, Result};

/// The label that carries it.
pub const SCHEMA_LABEL: &str = "run.cog.openapi_schema";

/// The document in `bytes`, if it is one that a prediction can be checked against.
pub(super) fn check(bytes: Option<&[u8]>) -> Result<Value> {
    let bytes = bytes.ok_or(Error::NoSchema)?;
    let document: Value =
        serde_json::from_slice(bytes).map_err(|_| Error::NoPredictor { said: beginning(bytes) })?;
    cog_schema::openapi::read(&document).map_err(|fault| Error::BadSchema { reason: fault.to_string() })?;
    Ok(document)
}

fn beginning(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
    match line.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
