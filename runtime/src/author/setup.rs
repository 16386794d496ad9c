//! What `setup` can ask for.

use std::path::{Path, PathBuf};

use crate::model::Setup;
use crate::{Error, Result};

impl Setup {
    pub(crate) fn of(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), phases: None }
    }

    /// A part of setup begins, and the one before it is over: the server shows how long each took, in
    /// `/health-check` and among its metrics.
    pub fn phase(&self, name: impl AsRef<str>) {
        if let Some(begun) = &self.phases {
            begun(name.as_ref());
        }
    }

    /// Where the model's files are: `COG_WEIGHTS_DIR` if it is set, else the working directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file or directory of weights, given relative to [`root`](Self::root).
    ///
    /// # Errors
    /// Where there is none; the error names the place where it was looked for.
    pub fn weights(&self, path: impl AsRef<Path>) -> Result<PathBuf> {
        let path = path.as_ref();
        let place = self.root.join(path);
        match place.try_exists() {
            Ok(true) => Ok(place),
            Ok(false) => Err(Error::msg(format_args!(
                "no weights `{}`: looked for `{}` (COG_WEIGHTS_DIR says where weights are; it is {})",
                path.display(),
                place.display(),
                if std::env::var_os("COG_WEIGHTS_DIR").is_some() { "set" } else { "not set" },
            ))),
            Err(error) => Err(Error::msg(format_args!("cannot look for `{}`: {error}", place.display()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Setup;

    #[test]
    fn weights_are_found_below_the_root() -> crate::Result<()> {
        let root = tempfile::tempdir()?;
        std::fs::write(root.path().join("net.bin"), "")?;
        let setup = Setup::of(root.path());
        assert_eq!(setup.weights("net.bin")?, root.path().join("net.bin"));
        Ok(())
    }

    #[test]
    fn weights_that_are_missing_are_said_with_their_place() {
        let setup = Setup::of("/nowhere");
        let error = setup.weights("net.bin").map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("looked for `/nowhere/net.bin`")));
    }
}
