//! A Cargo package that is there already, made a model.
//!
//! Owns what changes in manifests that are somebody's: lines are added, nothing else is touched. What cannot be added
//! without rewriting is left to its owner.

use std::path::{Path, PathBuf};
use std::{fs, io};

use toml::{Table, Value};

use super::{Error, SDK_MANIFEST, VENDORED};

/// The manifest of a package.
#[derive(Debug)]
pub(super) struct Manifest {
    path: PathBuf,
    text: String,
    table: Table,
}

impl Manifest {
    pub(super) fn read(path: PathBuf) -> Result<Self, Error> {
        let text = fs::read_to_string(&path)
            .map_err(|error| Error::Manifest { path: path.clone(), reason: error.to_string() })?;
        let table = text.parse().map_err(|error: toml::de::Error| Error::Manifest {
            path: path.clone(),
            reason: error.message().to_owned(),
        })?;
        Ok(Self { path, text, table })
    }

    /// The package's name, if it is one's.
    pub(super) fn package(&self) -> Option<&str> {
        self.table.get("package")?.get("name")?.as_str()
    }

    fn is_workspace(&self) -> bool {
        self.table.contains_key("workspace")
    }

    /// Makes the package depend on the library, which lies in `root`, at the package's own place or above. Gives whether
    /// that was new.
    pub(super) fn depend(&mut self, root: &Path) -> Result<bool, Error> {
        if self.depends() {
            return Ok(false);
        }
        let inside = self.path.parent().and_then(|directory| directory.strip_prefix(root).ok());
        let up = "../".repeat(inside.map_or(0, |inside| inside.components().count()));
        let line = format!("cog = {{ path = \"{up}{VENDORED}/{SDK_MANIFEST}\" }}\n");
        self.add("dependencies", &line);
        self.save(Self::depends, &format!("[dependencies]\n{line}"))?;
        Ok(true)
    }

    fn depends(&self) -> bool {
        self.table.get("dependencies").is_some_and(|dependencies| dependencies.get("cog").is_some())
    }

    /// Keeps the library, which is a workspace of its own, out of this one. Gives whether that was new.
    fn exclude(&mut self) -> Result<bool, Error> {
        let directory = VENDORED;
        let excludes = |manifest: &Self| {
            let excluded = manifest.table.get("workspace").and_then(|workspace| workspace.get("exclude"));
            let excluded = excluded.and_then(Value::as_array).into_iter().flatten();
            excluded.filter_map(Value::as_str).any(|other| other == directory)
        };
        if excludes(self) {
            return Ok(false);
        }
        match self.text.find("\nexclude = [") {
            Some(start) => self.text.insert_str(start + "\nexclude = [".len(), &format!("{directory:?}, ")),
            None => self.add("workspace", &format!("exclude = [{directory:?}]\n")),
        }
        self.save(excludes, &format!("[workspace]\nexclude = [{directory:?}]\n"))?;
        Ok(true)
    }

    /// Adds a line to a table.
    fn add(&mut self, table: &str, line: &str) {
        let head = format!("[{table}]");
        let mut end = 0;
        for known in self.text.split_inclusive('\n') {
            end += known.len();
            if known.trim() == head {
                let line = if known.ends_with('\n') { line.to_owned() } else { format!("\n{line}") };
                self.text.insert_str(end, &line);
                return;
            }
        }
        let gap = if self.text.ends_with('\n') { "\n" } else { "\n\n" };
        self.text.push_str(&format!("{gap}{head}\n{line}"));
    }

    /// Writes it, if what was added is there as Cargo reads it.
    fn save(&mut self, is_there: impl Fn(&Self) -> bool, lines: &str) -> Result<(), Error> {
        let unsure = || Error::ByHand { path: self.path.clone(), lines: lines.to_owned() };
        let table = self.text.parse().map_err(|_| unsure())?;
        let before = std::mem::replace(&mut self.table, table);
        if !is_there(self) {
            self.table = before;
            return Err(Error::ByHand { path: self.path.clone(), lines: lines.to_owned() });
        }
        replace(&self.path, &self.text).map_err(|source| Error::Write { file: self.path.clone(), source })
    }
}

/// Makes room for the library beside a package in `directory`: with the root of its workspace, where it is in one, for
/// whatever lies in a member counts as the workspace's. Gives where that is, and the manifest that had to be changed.
pub(super) fn place(directory: &Path, manifest: &mut Manifest) -> Result<(PathBuf, Option<PathBuf>), Error> {
    if manifest.is_workspace() {
        let changed = manifest.exclude()?.then(|| manifest.path.clone());
        return Ok((directory.to_owned(), changed));
    }
    for above in directory.ancestors().skip(1) {
        let path = above.join("Cargo.toml");
        if !path.is_file() {
            continue;
        }
        let mut root = Manifest::read(path)?;
        if root.is_workspace() {
            let changed = root.exclude()?;
            return Ok((above.to_owned(), changed.then_some(root.path)));
        }
    }
    Ok((directory.to_owned(), None))
}

/// Puts another file in a file's place, whole or not at all, with the same modes.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let file = tempfile::Builder::new().prefix(".cog-init-").tempfile_in(path.parent().unwrap_or(path))?;
    fs::write(file.path(), text)?;
    fs::set_permissions(file.path(), fs::metadata(path)?.permissions())?;
    file.persist(path)?;
    Ok(())
}
