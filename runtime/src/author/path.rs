//! Files that go in and come out.

use std::ffi::OsStr;
use std::io;
use std::ops::Deref;
use std::path::PathBuf;

/// A file: as an input, one that was fetched to a local path; as an output, one that the model wrote.
///
/// It is a [`std::path::Path`] wherever one is wanted.
///
/// ```
/// fn shout(text: cog::Path) -> cog::Result<cog::Path> {
///     let loud = std::fs::read_to_string(&text)?.to_uppercase();
///     let out = cog::Path::temp("txt")?;
///     std::fs::write(&out, loud)?;
///     Ok(out)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path(PathBuf);

impl Path {
    /// A file at that path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// A fresh, empty file with that extension (`"png"`), in the directory for temporary files. It is there
    /// until the output has been delivered.
    ///
    /// # Errors
    /// Where the directory cannot be written to.
    pub fn temp(extension: &str) -> io::Result<Self> {
        let suffix = match extension.strip_prefix('.').unwrap_or(extension) {
            "" => String::new(),
            extension => format!(".{extension}"),
        };
        let file = tempfile::Builder::new().prefix("cog-output-").suffix(&suffix).tempfile()?;
        let (_, path) = file.keep().map_err(|error| error.error)?;
        Ok(Self(path))
    }

    /// The path itself.
    pub fn into_path_buf(self) -> PathBuf {
        self.0
    }
}

impl Deref for Path {
    type Target = std::path::Path;

    fn deref(&self) -> &std::path::Path {
        &self.0
    }
}

impl AsRef<std::path::Path> for Path {
    fn as_ref(&self) -> &std::path::Path {
        &self.0
    }
}

impl AsRef<OsStr> for Path {
    fn as_ref(&self) -> &OsStr {
        self.0.as_os_str()
    }
}

impl From<PathBuf> for Path {
    fn from(path: PathBuf) -> Self {
        Self(path)
    }
}

impl From<&std::path::Path> for Path {
    fn from(path: &std::path::Path) -> Self {
        Self(path.to_owned())
    }
}

impl From<String> for Path {
    fn from(path: String) -> Self {
        Self(path.into())
    }
}

impl From<&str> for Path {
    fn from(path: &str) -> Self {
        Self(path.into())
    }
}

impl From<Path> for PathBuf {
    fn from(path: Path) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn a_temporary_file_is_fresh_and_has_its_extension() -> std::io::Result<()> {
        let (one, other) = (Path::temp("png")?, Path::temp(".png")?);
        assert_ne!(one, other);
        for path in [one, other] {
            assert_eq!(path.extension().and_then(|extension| extension.to_str()), Some("png"));
            assert_eq!(std::fs::read(&path)?, b"");
            std::fs::remove_file(&path)?;
        }
        Ok(())
    }
}
