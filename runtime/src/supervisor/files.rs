//! Files that a predictor gave as output, turned into what a client gets: data URLs, or URLs of where they were
//! uploaded to.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::value::{RawValue, to_raw_value};

use super::aside::{self, Aside};
use super::upload::Uploads;
use crate::protocol::WireValue;
use crate::settings::Settings;

/// How many files of one output are uploaded at the same time.
const ABREAST: usize = 4;

/// Delivers every file of the output and then calls `done`, unless dropped before.
pub(super) fn deliver(
    value: WireValue,
    settings: Arc<Settings>,
    done: impl FnOnce(Result<Box<RawValue>, String>) + Send + 'static,
) -> Aside {
    let made = Made::of(&value);
    aside::start(
        async move || {
            let _made = made;
            match Uploads::from_settings(&settings) {
                Some(uploads) => uploaded(value, &uploads).await,
                None => inlined(value),
            }
        },
        done,
    )
}

/// Deletes the files of an output that nobody wants, as far as they were made only for that.
pub(super) fn discard(value: &WireValue) {
    drop(Made::of(value));
}

/// Files that were made only to be delivered: gone when this is, whether they were or not.
struct Made(Vec<PathBuf>);

impl Made {
    fn of(value: &WireValue) -> Self {
        fn gather(value: &WireValue, made: &mut Vec<PathBuf>) {
            match value {
                WireValue::Json(_) => {}
                WireValue::File(path) => made.push(path.clone()),
                WireValue::List(items) => items.iter().for_each(|item| gather(item, made)),
                WireValue::Object(fields) => fields.iter().for_each(|(_, field)| gather(field, made)),
            }
        }
        let mut made = Vec::new();
        gather(value, &mut made);
        Self(made)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        self.0.iter().for_each(|path| forget(path));
    }
}

/// The output as JSON text, every file in it read and inlined. Blocks while it reads.
///
/// # Errors
/// A sentence, if a file cannot be read.
pub(crate) fn inlined(value: WireValue) -> Result<Box<RawValue>, String> {
    match value {
        WireValue::Json(plain) => Ok(plain),
        WireValue::File(path) => raw(&data_url(&path)?),
        WireValue::List(items) => raw(&items.into_iter().map(inlined).collect::<Result<Vec<_>, _>>()?),
        WireValue::Object(fields) => object(
            fields
                .into_iter()
                .map(|(name, field)| Ok((name, inlined(field)?)))
                .collect::<Result<_, String>>()?,
        ),
    }
}

/// The same with every file uploaded.
fn uploaded(value: WireValue, uploads: &Uploads) -> BoxFuture<'_, Result<Box<RawValue>, String>> {
    async move {
        match value {
            WireValue::Json(plain) => Ok(plain),
            WireValue::File(path) => {
                let url = uploads.put(&path).await?;
                forget(&path);
                raw(&url)
            }
            WireValue::List(items) => {
                let items = items.into_iter().map(|item| uploaded(item, uploads));
                raw(&stream::iter(items).buffered(ABREAST).try_collect::<Vec<_>>().await?)
            }
            WireValue::Object(fields) => {
                let fields = fields
                    .into_iter()
                    .map(|(name, field)| async { Ok::<_, String>((name, uploaded(field, uploads).await?)) });
                object(stream::iter(fields).buffered(ABREAST).try_collect::<Vec<_>>().await?)
            }
        }
    }
    .boxed()
}

fn object(mut fields: Vec<(String, Box<RawValue>)>) -> Result<Box<RawValue>, String> {
    fields.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut parts = Vec::with_capacity(fields.len());
    for (name, field) in fields {
        parts.push(format!("{}:{}", raw(&name)?.get(), field.get()));
    }
    RawValue::from_string(format!("{{{}}}", parts.join(",")))
        .map_err(|error| format!("the output is no JSON: {error}"))
}

/// `data:<media type by the name's extension>;base64,…`
pub(crate) fn data_url(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path)
        .map_err(|error| format!("the output file `{}` could not be read: {error}", path.display()))?;
    forget(path);
    let media_type = media_type(path);
    let mut url = String::with_capacity(bytes.len() / 3 * 4 + media_type.len() + 20);
    url.push_str("data:");
    url.push_str(media_type);
    url.push_str(";base64,");
    STANDARD.encode_string(&bytes, &mut url);
    Ok(url)
}

/// The media type that the name's extension stands for.
pub(crate) fn media_type(path: &Path) -> &'static str {
    mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream")
}

/// Deletes a delivered file that was made only for that.
fn forget(path: &Path) {
    if is_temporary(path) {
        // Left behind, it would be one file more in the temporary folder.
        let _left = fs::remove_file(path);
    }
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
    fn of_what_nobody_wants_only_what_was_made_for_it_goes() -> Tested {
        let folder = tempfile::tempdir()?;
        let own = folder.path().join("weights.bin");
        fs::write(&own, "w")?;
        let made = crate::Path::temp("png")?.into_path_buf();
        let file = |path: &Path| WireValue::File(path.to_owned());
        discard(&WireValue::List(vec![file(&own), WireValue::Object(vec![("a".into(), file(&made))])]));
        assert!(own.exists() && !made.exists());
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
