//! Names that point elsewhere: at an image, a repository or a predictor.

use regex::Regex;

use super::PredictorRef;
use super::reader::Reader;
use super::yaml::Node;

/// What may name an image: a registry with an optional port, a path, a tag, a digest.
const REPOSITORY: &str = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*";

/// Whether `text` names an image as Docker would accept it.
pub fn is_image(text: &str) -> bool {
    matches(
        text,
        &format!(r"^{REPOSITORY}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?$"),
    )
}

fn matches(text: &str, pattern: &str) -> bool {
    Regex::new(pattern).is_ok_and(|regex| regex.is_match(text))
}

/// `image:`
pub(super) fn image(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node, "image", "`image: registry.example.com/me/name`")?;
    if is_image(&text) {
        return Some(text);
    }
    let lower = text.to_lowercase();
    let hint = if is_image(&lower) {
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
    if matches(&text, &format!("^{REPOSITORY}$")) {
        return Some(text);
    }
    let hint = if is_image(&text) {
        "`model` is a bare repository: take the tag or digest off"
    } else {
        "write it like `registry.example.com/me/name`"
    };
    reader.fault(node, format!("`{text}` is not a repository"), hint);
    None
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
        Some((file, name))
            if file.ends_with(".rs")
                && !file.starts_with('/')
                && matches(name, "^[A-Za-z_][A-Za-z0-9_]*$") =>
        {
            Some(PredictorRef { file: file.to_owned(), name: name.to_owned() })
        }
        _ => {
            reader.fault(node, format!("`{text}` does not name a predictor"), hint);
            None
        }
    }
}
