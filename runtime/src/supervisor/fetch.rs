//! File inputs: from the URL a client gave to a local file a predictor can open.
//!
//! `http`, `https` and `data` URLs (and `s3`, behind a feature) are fetched, and files that came with the request are taken; nothing else is, so no request can name a file of this machine. All
//! of it happens aside. The folder of the files is deleted with its prediction.

mod attached;
pub(super) mod data_url;
mod download;
pub(super) mod name;
#[cfg(feature = "s3")]
mod s3;

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cog_schema::{Signature, Type};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value};
use tempfile::TempDir;

use super::aside::{self, Aside};
use super::net::{Client, shortened};
use crate::settings::Settings;
pub(crate) use attached::Attached;
pub(super) use name::decode;
#[cfg(feature = "s3")]
use s3::download as object;

/// How many files are fetched at the same time.
const ABREAST: usize = 8;
/// How many files one input may have: each takes a folder, however short its URL is.
const MOST: usize = 10_000;

/// An input whose files are local.
pub(crate) struct Fetched {
    pub(crate) input: Map<String, Value>,
    /// Where they are; dropping it deletes them.
    pub(crate) files: Option<TempDir>,
}

/// Whether any input is a file to be fetched.
pub(crate) fn is_needed(signature: &Signature, input: &Map<String, Value>) -> bool {
    let paths = signature.inputs.iter().filter(|declared| declared.ty.holds_path());
    paths.filter_map(|declared| input.get(&declared.name)).any(|value| !value.is_null())
}

/// Fetches every file of the input and then calls `done`, unless dropped before.
pub(super) fn begin(
    signature: Arc<Signature>,
    input: Map<String, Value>,
    attached: Attached,
    settings: Arc<Settings>,
    done: impl FnOnce(Result<Fetched, String>) + Send + 'static,
) -> Aside {
    aside::start(
        async move || {
            let fetched = all(&signature, input, attached, &settings).await;
            fetched.map_err(|fault| format!("Input validation error: {fault}"))
        },
        done,
    )
}

async fn all(
    signature: &Signature,
    mut input: Map<String, Value>,
    mut attached: Attached,
    settings: &Settings,
) -> Result<Fetched, String> {
    let mut wanted = Vec::new();
    for (name, value) in &mut input {
        if let Some(declared) = signature.input(name).filter(|declared| declared.ty.holds_path()) {
            collect(&declared.ty, &declared.name, value, &mut wanted);
        }
    }
    if wanted.is_empty() {
        return Ok(Fetched { input, files: None });
    }
    if wanted.len() > MOST {
        return Err(format!("there are {} files, and {MOST} may be", wanted.len()));
    }
    let folder = match attached.take_folder() {
        Some(folder) => folder,
        None => folder().map_err(|error| format!("no folder for the files of the input: {error}"))?,
    };
    let attached = &attached;
    let client = Client::new(settings);
    let root = folder.path();
    let fetches = wanted.into_iter().enumerate().map(|(number, wanted)| {
        let (client, limit, place) = (&client, settings.input_file_limit, root.join(number.to_string()));
        async move {
            let Value::String(source) = &*wanted.value else { return Ok(()) };
            let file = match attached.find(source) {
                Some(path) => utf8(path.to_owned()),
                None => one(client, source, &place, limit).await,
            };
            let file = file.map_err(|fault| format!("`{}`: {fault}", wanted.name))?;
            *wanted.value = Value::String(file);
            Ok::<(), String>(())
        }
    });
    let fetches: Vec<_> = fetches.collect();
    stream::iter(fetches).buffer_unordered(ABREAST).try_collect::<()>().await?;
    Ok(Fetched { input, files: Some(folder) })
}

struct Wanted<'a> {
    name: &'a str,
    value: &'a mut Value,
}

/// Finds the values that are files, as far as their types say.
fn collect<'a>(ty: &Type, name: &'a str, value: &'a mut Value, wanted: &mut Vec<Wanted<'a>>) {
    match (ty, value) {
        (Type::Path, value @ Value::String(_)) => wanted.push(Wanted { name, value }),
        (Type::Optional(inner), value) => collect(inner, name, value, wanted),
        (Type::List(item), Value::Array(items)) => {
            for value in items {
                collect(item, name, value, wanted);
            }
        }
        (Type::Map(item), Value::Object(fields)) => {
            for (_, value) in fields {
                collect(item, name, value, wanted);
            }
        }
        // Which of them it is, the worker decides in the same way.
        (Type::Union(variants), value) => {
            if let Some(variant) = variants.iter().find(|variant| variant.admits(value)) {
                collect(variant, name, value, wanted);
            }
        }
        _ => {}
    }
}

fn is_fetchable(source: &str) -> bool {
    let source = with_small_scheme(source);
    ["http://", "https://", "data:", "s3://"].iter().any(|scheme| source.starts_with(scheme))
}

/// A URL with its scheme in small letters; capitals mean the same.
fn with_small_scheme(source: &str) -> Cow<'_, str> {
    match source.split_once(':') {
        Some((scheme, rest)) if scheme.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            format!("{}:{rest}", scheme.to_ascii_lowercase()).into()
        }
        _ => source.into(),
    }
}

/// Fetches one file into a folder of its own, so that it can have the name its author knows.
async fn one(client: &Client, source: &str, place: &Path, limit: u64) -> Result<String, String> {
    if !is_fetchable(source) {
        return Err(format!("`{}` is no http, https or data URL", shortened(source)));
    }
    let source = &*with_small_scheme(source);
    let wrote = |error: std::io::Error| format!("the file could not be written: {error}");
    fs::create_dir(place).map_err(wrote)?;
    let path = if source.starts_with("data:") {
        let data = data_url::read(source)?;
        let path = place.join(name::of_media_type(&data.media_type));
        fs::write(&path, &data.bytes).map_err(wrote)?;
        path
    } else {
        let path = place.join(name::of_url(source));
        if source.starts_with("s3://") {
            object(client, source, &path, limit).await?;
        } else {
            download::download(client, source, &path, limit).await?;
        }
        path
    };
    utf8(path)
}

#[cfg(not(feature = "s3"))]
async fn object(_: &Client, _: &str, _: &Path, _: u64) -> Result<(), String> {
    Err("this model was built without `s3://` (the feature `s3` of the crate `cog`)".to_owned())
}

fn utf8(path: PathBuf) -> Result<String, String> {
    path.into_os_string().into_string().map_err(|_| "the temporary folder's name is not UTF-8".to_owned())
}

/// A folder for the files of one input.
fn folder() -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix("cog-input-").tempdir()
}

#[cfg(test)]
mod tests {
    use cog_schema::{Delivery, Input, IntegerRange, Output};
    use serde_json::json;

    use super::*;

    /// What the input is fetched as, where it is of one of these types.
    async fn fetched(variants: Vec<Type>, value: Value) -> Result<Value, String> {
        let signature = Signature {
            inputs: vec![Input::new("source", Type::Union(variants))],
            output: Output { ty: Type::String, delivery: Delivery::Single },
        };
        let input = Map::from_iter([("source".to_owned(), value)]);
        let fetched = all(&signature, input, Attached::default(), &Settings::from_env()).await?;
        Ok(fetched.input["source"].clone())
    }

    fn size() -> Type {
        Type::Integer(IntegerRange::I64)
    }

    #[tokio::test]
    async fn a_union_with_a_file_leads_to_no_file_of_this_machine() {
        let fault = Err("`source`: `/etc/passwd` is no http, https or data URL".to_owned());
        assert_eq!(fetched(vec![Type::Path, size()], json!("/etc/passwd")).await, fault);
        let many = Type::List(Box::new(Type::Path));
        assert_eq!(fetched(vec![size(), many], json!(["/etc/passwd"])).await, fault);
        let maybe = Type::Optional(Box::new(Type::Path));
        assert_eq!(fetched(vec![size(), maybe], json!("/etc/passwd")).await, fault);
    }

    #[tokio::test]
    async fn what_another_variant_of_a_union_takes_is_left_alone() {
        let words = Type::Choice(vec![json!("/etc/passwd")]);
        let word = json!("/etc/passwd");
        assert_eq!(fetched(vec![words, Type::Path], word.clone()).await, Ok(word.clone()));
        assert_eq!(fetched(vec![Type::String, Type::Path], word.clone()).await, Ok(word));
        assert_eq!(fetched(vec![Type::Path, size()], json!(3)).await, Ok(json!(3)));
    }
}
