//! What `setup` can ask for.

use std::path::{Path, PathBuf};

use super::managed::Managed;
use crate::model::Setup;
use crate::{Error, Result};

impl Setup {
    pub(crate) fn of(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), managed: Managed::default(), phases: None }
    }

    /// As the environment has it.
    pub(crate) fn by_environment() -> Self {
        Self { managed: crate::settings::managed_weights(), ..Self::of(crate::settings::weights_root()) }
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

    /// The path of a file or directory of weights.
    ///
    /// Of weights that `cog.yaml` lists it begins with the weight's name, or is where a container has it; they are found
    /// in a container and outside of one alike. Everything else is relative to [`root`](Self::root).
    ///
    /// # Errors
    /// Where there is none; the error names the places where it was looked for.
    pub fn weights(&self, path: impl AsRef<Path>) -> Result<PathBuf> {
        let path = path.as_ref();
        let mut places: Vec<PathBuf> = self.managed.places(path).collect();
        places.push(self.root.join(path));
        places.dedup();
        for place in &places {
            match place.try_exists() {
                Ok(true) => return Ok(place.clone()),
                Ok(false) => {}
                Err(error) => {
                    return Err(Error::msg(format_args!("cannot look for `{}`: {error}", place.display())));
                }
            }
        }
        let places: Vec<String> = places.iter().map(|place| format!("`{}`", place.display())).collect();
        Err(Error::msg(format_args!(
            "no weights `{}`: looked for {} (COG_WEIGHTS_DIR says where weights are; it is {})",
            path.display(),
            places.join(" and "),
            if std::env::var_os("COG_WEIGHTS_DIR").is_some_and(|place| !place.is_empty()) {
                "set"
            } else {
                "not set"
            },
        )))
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
