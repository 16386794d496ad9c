//! Names that point elsewhere: at an image, a repository or a predictor.

use super::PredictorRef;
use super::reader::Reader;
use super::yaml::Node;
use crate::reference::Reference;

/// `image:`
pub(super) fn image(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node, "image", "`image: registry.example.com/me/name`")?;
    if text.parse::<Reference>().is_ok() {
        return Some(text);
    }
    let lower = text.to_lowercase();
    let hint = if let Some(hint) = without_scheme(&text) {
        hint
    } else if lower.parse::<Reference>().is_ok() {
        format!("names are in lower case: write `{lower}`")
    } else {
        "write it like `registry.example.com/me/name:tag`".into()
    };
    reader.fault(node, format!("`{text}` is not a name for an image"), hint);
    None
}

/// `model:`
pub(super) fn repository(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node, "model", "`model: registry.example.com/me/name`")?;
    let reference = text.parse::<Reference>().ok();
    if reference.as_ref().is_some_and(|reference| reference.tag().is_none() && reference.digest().is_none()) {
        return Some(text);
    }
    let lower = text.to_lowercase();
    let hint = if let Some(reference) = reference {
        format!("`model` is a bare repository, without tag or digest: write `{}`", reference.name())
    } else if let Some(hint) = without_scheme(&text) {
        hint
    } else if lower.parse::<Reference>().is_ok() {
        format!("names are in lower case: write `{lower}`")
    } else {
        "write it like `registry.example.com/me/name`".into()
    };
    reader.fault(node, format!("`{text}` is not a repository"), hint);
    None
}

/// What to write in place of a URL.
fn without_scheme(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("://")?;
    let rest = rest.trim_end_matches('/');
    rest.parse::<Reference>().is_ok().then(|| format!("it is a name and no URL: write `{rest}`"))
}

/// `predict:` and `run:`
pub(super) fn predictor(reader: &mut Reader, node: &Node, key: &str) -> Option<PredictorRef> {
    let example = format!("`{key}: src/main.rs:Upscaler`");
    let text = reader.text(node, key, &example)?;
    let hint = format!("write {example}, or take the key out: the binary knows its predictor");
    if text.contains(".py:") || text.ends_with(".py") {
        reader.fault(node, format!("`{text}` is a Python predictor"), hint);
        return None;
    }
    match text.rsplit_once(':') {
        Some((file, name)) if file.ends_with(".rs") && !file.starts_with('/') && is_identifier(name) => {
            Some(PredictorRef { file: file.to_owned(), name: name.to_owned() })
        }
        _ => {
            reader.fault(node, format!("`{text}` does not name a predictor"), hint);
            None
        }
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
