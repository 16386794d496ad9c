//! The schema of a binary, by asking it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

use super::Error;

/// How long a binary may think about what it is.
const PATIENCE: Duration = Duration::from_secs(30);

/// The OpenAPI document that `binary` prints when asked, within `limit` at most.
pub async fn document(binary: &Path, directory: &Path, limit: Duration) -> Result<Value, Error> {
    let output = Command::new(binary)
        .arg("schema")
        .current_dir(directory)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output();
    let limit = limit.min(PATIENCE);
    let output = tokio::time::timeout(limit, output)
        .await
        .map_err(|_| Error::Silent(limit))?
        .map_err(|source| Error::Start { path: binary.to_owned(), source })?;
    let text = String::from_utf8_lossy(&output.stdout);
    match serde_json::from_str::<Value>(&text) {
        Ok(document) if output.status.success() && document.get("openapi").is_some() => Ok(document),
        _ => {
            let said = text.lines().next().map(|line| line.chars().take(80).collect::<String>());
            Err(Error::NoPredictor { said: said.filter(|line| !line.is_empty()) })
        }
    }
}
