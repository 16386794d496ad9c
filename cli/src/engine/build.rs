//! What an image is built from: the request as a value. Refuses to know how an engine solves it.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use super::Error;

/// An image to be built.
#[derive(Debug, Default)]
pub struct BuildRequest {
    /// The files the Dockerfile may copy, the Dockerfile among them.
    pub context: ContextTar,
    /// Where in the context the Dockerfile lies.
    pub dockerfile: String,
    /// Labels for the result.
    pub labels: BTreeMap<String, String>,
    /// Values for the Dockerfile's `ARG`s.
    pub build_args: BTreeMap<String, String>,
    /// The stage to stop at; the last when absent.
    pub target: Option<String>,
    /// `linux/amd64`, …; the engine's own when absent.
    pub platform: Option<String>,
    /// Repeat every step, whatever is cached.
    pub no_cache: bool,
    /// Values for `RUN --mount=type=secret`, never stored in a layer.
    pub secrets: Vec<BuildSecret>,
}

/// A secret offered to a build's steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildSecret {
    /// The id a step asks for.
    pub id: String,
    /// Where its value is read from when a step asks.
    pub source: SecretSource,
}

impl BuildSecret {
    /// The file that it is in, if it is in one.
    pub fn file(&self) -> Option<PathBuf> {
        match &self.source {
            SecretSource::File(path) => Some(path.clone()),
            SecretSource::Env(_) => None,
        }
    }

    /// Its value, as it is now.
    ///
    /// # Errors
    /// A file that cannot be read, a variable that is not set.
    pub fn value(&self) -> Result<Vec<u8>, Error> {
        let error = |reason: String| Error::Secret { id: self.id.clone(), reason };
        match &self.source {
            SecretSource::File(path) => {
                std::fs::read(path).map_err(|reason| error(format!("file `{}`: {reason}", path.display())))
            }
            SecretSource::Env(name) => std::env::var_os(name)
                .map(std::os::unix::ffi::OsStringExt::into_vec)
                .ok_or_else(|| error(format!("environment variable `{name}` is not set"))),
        }
    }
}

impl FromStr for BuildSecret {
    type Err = String;

    /// Reads `id=ID,src=FILE`, `id=ID,env=NAME`, or `id=ID` alone for the environment variable of that name.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| Err(format!("{what}: write `id=ID,src=FILE` or `id=ID,env=NAME`"));
        let (mut id, mut source) = (None, None);
        for part in text.split(',') {
            let Some((key, value)) = part.split_once('=') else {
                return wrong(&format!("`{part}` has no value"));
            };
            match key.trim() {
                "id" => id = Some(value.to_owned()),
                "src" | "source" => source = Some(SecretSource::File(value.into())),
                "env" => source = Some(SecretSource::Env(value.to_owned())),
                "type" if matches!(value, "file" | "env") => {}
                other => return wrong(&format!("`{other}` is nothing that a secret has")),
            }
        }
        match id {
            Some(id) if !id.is_empty() => {
                let source = source.unwrap_or_else(|| SecretSource::Env(id.clone()));
                Ok(Self { id, source })
            }
            _ => wrong(&format!("`{text}` has no id")),
        }
    }
}

/// Where a secret's value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// In a file.
    File(PathBuf),
    /// In an environment variable of this process.
    Env(String),
}

type Writer = dyn FnOnce(&mut dyn Write) -> io::Result<()> + Send + Sync;

/// A tar of the build's files, written while it is being sent: it never lies in memory or on disk as a whole.
pub struct ContextTar(Box<Writer>);

impl ContextTar {
    /// A context whose tar `write` produces, on a thread of its own.
    pub fn new(write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Box::new(write))
    }

    /// A context that is a tar already.
    pub fn from_bytes(tar: Vec<u8>) -> Self {
        Self::new(move |out| out.write_all(&tar))
    }

    /// Writes the tar.
    pub fn write_to(self, out: &mut dyn Write) -> io::Result<()> {
        (self.0)(out)
    }
}

impl Default for ContextTar {
    /// An empty tar.
    fn default() -> Self {
        Self::from_bytes(vec![0; 1024])
    }
}

impl fmt::Debug for ContextTar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContextTar(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_file_or_a_variable() {
        let secret = |source| Ok(BuildSecret { id: "token".to_owned(), source });
        assert_eq!("id=token,src=a/b".parse(), secret(SecretSource::File("a/b".into())));
        assert_eq!("type=file,id=token,source=b=c".parse(), secret(SecretSource::File("b=c".into())));
        assert_eq!("id=token,env=HF_TOKEN".parse(), secret(SecretSource::Env("HF_TOKEN".to_owned())));
        assert_eq!("id=token".parse(), secret(SecretSource::Env("token".to_owned())));
        for text in ["", "token", "src=a", "id=,src=a", "id=a,sec=b"] {
            assert!(text.parse::<BuildSecret>().is_err(), "{text:?}");
        }
    }
}
