//! Files that a predictor gave as output, turned into what a client gets: data URLs.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::{RawValue, to_raw_value};

use crate::protocol::WireValue;

/// The output as JSON text, every file in it read and inlined. Blocks while it reads.
///
/// # Errors
/// A sentence, if a file cannot be read.
pub(crate) fn inlined(value: WireValue) -> Result<Box<RawValue>, String> {
    let text = match value {
        WireValue::Json(plain) => return Ok(plain),
        WireValue::File(path) => return raw(&data_url(&path)?),
        WireValue::List(items) => {
            let items: Vec<_> = items.into_iter().map(inlined).collect::<Result<_, _>>()?;
            return raw(&items);
        }
        WireValue::Object(fields) => {
            let mut parts = Vec::with_capacity(fields.len());
            let mut fields = fields;
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            for (name, field) in fields {
                parts.push(format!("{}:{}", raw(&name)?.get(), inlined(field)?.get()));
            }
            format!("{{{}}}", parts.join(","))
        }
    };
    RawValue::from_string(text).map_err(|error| format!("the output is no JSON: {error}"))
}

/// `data:<media type by the name's extension>;base64,…`
pub(crate) fn data_url(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path)
        .map_err(|error| format!("the output file `{}` could not be read: {error}", path.display()))?;
    if is_temporary(path) {
        // Left behind, it would be one file more in the temporary folder.
        let _left = fs::remove_file(path);
    }
    let media_type = mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream");
    let mut url = String::with_capacity(bytes.len() / 3 * 4 + media_type.len() + 20);
    url.push_str("data:");
    url.push_str(media_type);
    url.push_str(";base64,");
    STANDARD.encode_string(&bytes, &mut url);
    Ok(url)
}

/// Whether the file is one of [`crate::Path::temp`], which nobody needs after it was delivered.
fn is_temporary(path: &Path) -> bool {
    let named =
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("cog-output-"));
    named && path.parent() == Some(std::env::temp_dir().as_path())
}

fn raw<T: serde::Serialize + ?Sized>(value: &T) -> Result<Box<RawValue>, String> {
    to_raw_value(value).map_err(|error| format!("the output is no JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn a_files_media_type_follows_its_extension() -> Tested {
        let folder = tempfile::tempdir()?;
        for (name, media_type) in [
            ("a.txt", "text/plain"),
            ("a.PNG", "image/png"),
            ("a.jpg", "image/jpeg"),
            ("a.webp", "image/webp"),
            ("a.svg", "image/svg+xml"),
            ("a.json", "application/json"),
            ("a.csv", "text/csv"),
            ("a.md", "text/markdown"),
            ("a.html", "text/html"),
            ("a.mp4", "video/mp4"),
            ("a.wav", "audio/wav"),
            ("a.tar.gz", "application/gzip"),
            ("a.glb", "model/gltf-binary"),
            ("a.safetensors", "application/octet-stream"),
            ("a.bin", "application/octet-stream"),
            ("a", "application/octet-stream"),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, "hi")?;
            assert_eq!(data_url(&path)?, format!("data:{media_type};base64,aGk="), "{name}");
        }
        Ok(())
    }

    #[test]
    fn a_missing_file_is_an_error_that_names_it() {
        let error = inlined(WireValue::File("/nowhere/x.png".into())).err().unwrap_or_default();
        assert!(error.contains("/nowhere/x.png"), "{error}");
    }

    #[test]
    fn files_deep_inside_are_inlined_and_the_rest_is_kept() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.txt");
        fs::write(&path, "hi")?;
        let one = WireValue::Json(to_raw_value(&1)?);
        let value = WireValue::Object(vec![
            ("z".into(), one),
            ("a".into(), WireValue::List(vec![WireValue::File(path)])),
        ]);
        assert_eq!(inlined(value)?.get(), r#"{"a":["data:text/plain;base64,aGk="],"z":1}"#);
        Ok(())
    }
}
