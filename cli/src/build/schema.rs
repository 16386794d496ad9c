//! The document a built model describes itself with.

use std::sync::Arc;

use serde_json::Value;

use super::{Error, Result, schema_is_a_file};
use crate::engine::{Engine, Image, read_file};
use crate::plan::SCHEMA;

/// The label that carries it.
pub const SCHEMA_LABEL: &str = "run.cog.openapi_schema";

/// The document of a model's image: its label, else the file that it is too long for a label of. An image without one
/// has none, and one that cannot be read counts as none.
pub async fn of(engine: &Arc<dyn Engine>, image: &Image) -> Result<Option<Value>> {
    let text = match image.labels.get(SCHEMA_LABEL).filter(|text| !text.is_empty()) {
        Some(text) => Some(text.clone().into_bytes()),
        None if schema_is_a_file(&image.labels) => read_file(engine, &image.id, SCHEMA).await?,
        None => None,
    };
    Ok(text.and_then(|text| check(Some(&text)).ok()))
}

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
