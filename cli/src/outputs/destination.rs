//! Where an output goes, and how it gets there.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cog_schema::envelope::PredictionResponse;
use cog_schema::{Delivery, Output, Signature, Type};
use serde_json::{Map, Value};
use tempfile::NamedTempFile;

use super::data_url::DataUrl;
use super::{Error, Written, WrittenFile, extension};

/// The name of a file that nobody named.
const DEFAULT: &str = "output";

/// Where an output goes.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The file that was named; text and JSON go to the standard output without one.
    named: Option<PathBuf>,
    /// What files are called, less number and extension.
    stem: PathBuf,
    /// An extension that was named, which files keep.
    extension: Option<String>,
    json: bool,
}

impl Destination {
    /// Settles where the output goes, before anything is compiled or started.
    ///
    /// # Errors
    /// A directory that is not there or takes no files.
    pub fn prepare(output: Option<&Path>, json: bool) -> Result<Self, Error> {
        let default = if json { "output.json" } else { DEFAULT };
        let named = output.map(|path| if path.is_dir() { path.join(default) } else { path.to_owned() });
        if let Some(path) = &named
            && !is_special(path)
        {
            takes_files(directory_of(path))?;
        }
        let base = named.as_deref().unwrap_or(Path::new(DEFAULT));
        let extension = base.extension().and_then(|extension| extension.to_str());
        // A number at the end is part of a name, not a kind of file; with `--json` the extension is that of the JSON.
        let extension = extension.filter(|extension| !extension.bytes().all(|byte| byte.is_ascii_digit()));
        let stem = if extension.is_some() { base.with_extension("") } else { base.to_owned() };
        let extension = extension.filter(|_| !json).map(str::to_owned);
        Ok(Self { named, stem, extension, json })
    }

    /// Checks, once it is known what the model gives, that there is a place for files that nobody named.
    ///
    /// # Errors
    /// The current directory takes no files, and the output holds some.
    pub fn suits(&self, signature: &Signature) -> Result<(), Error> {
        match self.named.is_none() && holds_files(&signature.output.ty) {
            true => takes_files(directory_of(&self.stem)),
            false => Ok(()),
        }
    }

    /// Writes what the prediction gave. Files are whole or not there.
    ///
    /// # Errors
    /// A file that cannot be written, a data URL that is none.
    pub fn write(
        &self,
        response: &PredictionResponse,
        signature: Option<&Signature>,
    ) -> Result<Written, Error> {
        let mut written = Written::default();
        let output = signature.map(|signature| &signature.output);
        let value = response.output.clone().unwrap_or(Value::Null);
        let single = value.is_string();
        let mut files = Files { destination: self, single, next: 0, written: &mut written.files };
        let kept = files.keep(value.clone(), output.map(|output| &output.ty))?;

        if self.json {
            let text = pretty(&answer(response, kept));
            self.text(text, &mut written)?;
        } else if value.is_null() {
            written.warnings.push("the model gave no output".to_owned());
        } else if !(kept != value && all_files(&value, &kept)) {
            let text = readable(&kept, output);
            self.text(text, &mut written)?;
        }
        Ok(written)
    }

    /// Whether the whole answer is asked for, as JSON.
    pub fn is_whole(&self) -> bool {
        self.json
    }

    /// Whether somebody named the file.
    pub(super) fn is_named(&self) -> bool {
        self.named.is_some()
    }

    /// Stores the file that a piece of the output is, if it is one, under its number.
    pub(super) fn numbered(
        &self,
        piece: Value,
        number: usize,
    ) -> Result<(Value, Option<WrittenFile>), Error> {
        let mut written = Vec::new();
        let mut files = Files { destination: self, single: false, next: number, written: &mut written };
        let kept = files.keep(piece, Some(&Type::Path))?;
        Ok((kept, written.pop()))
    }

    fn text(&self, mut text: String, written: &mut Written) -> Result<(), Error> {
        match &self.named {
            Some(path) => written.files.push(store(path, text.as_bytes())?),
            None => {
                if !text.ends_with('\n') {
                    text.push('\n');
                }
                written.stdout = text;
            }
        }
        Ok(())
    }
}

/// Whether nothing is left to be said: the output was one file, or a list of them.
fn all_files(value: &Value, kept: &Value) -> bool {
    match (value, kept) {
        (Value::String(value), Value::String(kept)) => value != kept,
        (Value::Array(values), Value::Array(kept)) => {
            values.iter().zip(kept).all(|(value, kept)| value.is_string() && value != kept)
        }
        _ => false,
    }
}

/// Files found in an output.
struct Files<'a> {
    destination: &'a Destination,
    single: bool,
    next: usize,
    written: &'a mut Vec<WrittenFile>,
}

impl Files<'_> {
    /// The value with its files stored and their paths in place of them.
    fn keep(&mut self, value: Value, ty: Option<&Type>) -> Result<Value, Error> {
        match value {
            Value::String(text) if text.starts_with("data:") && may_be_file(ty) => {
                let file = self.store(&DataUrl::parse(&text)?)?;
                Ok(Value::String(file.display().to_string()))
            }
            Value::Array(items) => {
                let item = match ty.map(Type::required) {
                    Some(Type::List(item)) => Some(&**item),
                    // What comes in pieces has the type of a piece.
                    other => other,
                };
                items.into_iter().map(|value| self.keep(value, item)).collect()
            }
            Value::Object(fields) => {
                let mut kept = Map::new();
                for (name, value) in fields {
                    let ty = match ty.map(Type::required) {
                        Some(Type::Object(fields)) => {
                            fields.iter().find(|field| field.name == name).map(|field| &field.ty)
                        }
                        Some(Type::Map(item)) => Some(&**item),
                        _ => None,
                    };
                    kept.insert(name, self.keep(value, ty)?);
                }
                Ok(Value::Object(kept))
            }
            other => Ok(other),
        }
    }

    fn store(&mut self, content: &DataUrl) -> Result<PathBuf, Error> {
        let Destination { stem, extension, .. } = self.destination;
        let mut name = stem.clone().into_os_string();
        if !self.single {
            name.push(format!(".{}", self.next));
            self.next += 1;
        }
        let extension = extension.as_deref().or_else(|| extension::of(&content.media_type));
        if let Some(extension) = extension {
            name.push(".");
            name.push(extension);
        }
        let file = store(Path::new(&name), &content.bytes)?;
        self.written.push(file);
        Ok(PathBuf::from(name))
    }
}

/// Whether values of this type certainly have files in them.
fn holds_files(ty: &Type) -> bool {
    match ty.required() {
        Type::Path => true,
        Type::List(item) | Type::Map(item) => holds_files(item),
        Type::Object(fields) => fields.iter().any(|field| holds_files(&field.ty)),
        _ => false,
    }
}

/// Whether each value of this type is a file.
pub(super) fn all_path(ty: &Type) -> bool {
    matches!(ty, Type::Path)
}

/// Whether text of this type may be a file; where the type says nothing, the text's form decides.
pub(super) fn may_be_file(ty: Option<&Type>) -> bool {
    matches!(ty.map(Type::required), None | Some(Type::Path | Type::Any | Type::Unknown | Type::Union(_)))
}

/// The output for a reader: text as it is, the rest as JSON.
fn readable(value: &Value, output: Option<&Output>) -> String {
    match (value, output.map(|output| output.delivery)) {
        (Value::String(text), _) => text.clone(),
        (Value::Array(pieces), Some(Delivery::Concatenate)) => pieces
            .iter()
            .map(|piece| piece.as_str().map_or_else(|| piece.to_string(), str::to_owned))
            .collect(),
        (other, _) => pretty(other),
    }
}

/// The whole answer, for a program.
fn answer(response: &PredictionResponse, output: Value) -> Value {
    let mut answer = Map::new();
    answer.insert("status".to_owned(), Value::from(response.status.as_str()));
    answer.insert("output".to_owned(), output);
    answer.insert("error".to_owned(), response.error.clone().map_or(Value::Null, Value::String));
    answer.insert("logs".to_owned(), Value::from(response.logs.as_str()));
    answer.insert("metrics".to_owned(), Value::Object(response.metrics.clone()));
    Value::Object(answer)
}

fn pretty(value: &Value) -> String {
    // A value that was read as JSON can be written as JSON; the alternate form is serde_json's pretty printer.
    format!("{value:#}")
}

/// Writes a file so that it is whole or not there at all.
fn store(path: &Path, bytes: &[u8]) -> Result<WrittenFile, Error> {
    let attempt = || -> io::Result<()> {
        if is_special(path) {
            return std::fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
        }
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any program would make it; the user's umask has its say.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(directory_of(path))?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    attempt().map_err(|source| Error::Write { path: path.to_owned(), source })?;
    Ok(WrittenFile { path: path.to_owned(), size: bytes.len() as u64 })
}

/// Makes a file in the directory, and takes it away again.
fn takes_files(directory: &Path) -> Result<(), Error> {
    NamedTempFile::new_in(directory).map(drop).map_err(|error| Error::Directory {
        directory: directory.to_owned(),
        // The error itself names a file that nobody asked for.
        source: error.kind().into(),
    })
}

/// Whether the path is a device, a pipe or the like, which is written to rather than replaced.
fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
