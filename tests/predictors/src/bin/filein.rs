//! Takes files and tells what is in them.

use std::path::Path;

use cog::prelude::*;
use serde_json::{Map, Value, json};

#[cog::predict]
fn filein(
    #[input(default = None)] path: Option<cog::Path>,
    #[input(default = [])] paths: Vec<cog::Path>,
    #[input(default = None)] file: Option<cog::Path>,
    #[input(default = "plain")] text: String,
) -> Result<Value> {
    let mut out = Map::new();
    out.insert("text".to_owned(), text.into());
    if let Some(path) = path {
        let name: Vec<char> = path.display().to_string().chars().collect();
        let tail: String = name[name.len().saturating_sub(20)..].iter().collect();
        let body = beginning(&path, 200)?;
        out.insert("path".to_owned(), json!({"type": "Path", "is_str": false, "tail": tail, "body": body}));
    }
    if !paths.is_empty() {
        let paths = paths.iter().map(|path| Ok(json!(["Path", beginning(path, 80)?])));
        out.insert("paths".to_owned(), paths.collect::<Result<_>>()?);
    }
    if let Some(file) = file {
        out.insert("file".to_owned(), json!({"type": "File", "body": beginning(&file, 80)?}));
    }
    Ok(out.into())
}

fn beginning(path: &Path, limit: usize) -> Result<String> {
    let bytes = std::fs::read(path)?;
    Ok(String::from_utf8_lossy(&bytes[..bytes.len().min(limit)]).into_owned())
}

fn main() -> ExitCode {
    cog::main::<filein>()
}
