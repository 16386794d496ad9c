//! Files that go in and come out.

use std::ffi::OsStr;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fmt, fs, io};

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
#[derive(Clone)]
pub struct Path {
    path: PathBuf,
    temporary: Option<Arc<Temporary>>,
}

/// A file that is deleted with its last owner, unless somebody takes it.
struct Temporary {
    path: PathBuf,
    taken: AtomicBool,
}

impl Path {
    /// A file at that path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), temporary: None }
    }

    /// A fresh, empty file with that extension (`"png"`), in the directory for temporary files. As an output it is
    /// there until it has been delivered; what never becomes one is deleted when this is dropped.
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
        let temporary = Temporary { path: path.clone(), taken: AtomicBool::new(false) };
        Ok(Self { path, temporary: Some(Arc::new(temporary)) })
    }

    /// The path itself. The file stays, though it is a [temporary](Self::temp) one.
    pub fn into_path_buf(self) -> PathBuf {
        if let Some(temporary) = self.temporary {
            temporary.taken.store(true, Ordering::Relaxed);
        }
        self.path
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !*self.taken.get_mut() {
            // The author may have moved it elsewhere.
            let _gone = fs::remove_file(&self.path);
        }
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Path").field(&self.path).finish()
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Eq for Path {}

impl Hash for Path {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path.hash(state);
    }
}

impl Deref for Path {
    type Target = std::path::Path;

    fn deref(&self) -> &std::path::Path {
        &self.path
    }
}

impl AsRef<std::path::Path> for Path {
    fn as_ref(&self) -> &std::path::Path {
        &self.path
    }
}

impl AsRef<OsStr> for Path {
    fn as_ref(&self) -> &OsStr {
        self.path.as_os_str()
    }
}

impl From<PathBuf> for Path {
    fn from(path: PathBuf) -> Self {
        Self::new(path)
    }
}

impl From<&std::path::Path> for Path {
    fn from(path: &std::path::Path) -> Self {
        Self::new(path)
    }
}

impl From<String> for Path {
    fn from(path: String) -> Self {
        Self::new(path)
    }
}

impl From<&str> for Path {
    fn from(path: &str) -> Self {
        Self::new(path)
    }
}

impl From<Path> for PathBuf {
    fn from(path: Path) -> Self {
        path.into_path_buf()
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
        }
        Ok(())
    }

    #[test]
    fn a_temporary_file_that_nobody_takes_goes_with_the_last_who_has_it() -> std::io::Result<()> {
        let one = Path::temp("txt")?;
        let (other, place) = (one.clone(), one.to_path_buf());
        drop(one);
        assert!(place.exists());
        drop(other);
        assert!(!place.exists());
        Ok(())
    }

    #[test]
    fn a_temporary_file_that_is_taken_stays() -> std::io::Result<()> {
        let one = Path::temp("txt")?;
        let other = one.clone();
        let place = one.into_path_buf();
        drop(other);
        assert!(place.exists());
        std::fs::remove_file(place)
    }
}
