//! A directory that weights come from.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::super::inventory::is_safe;
use super::super::{Error, Result};

/// A file that a source has.
#[derive(Debug)]
pub(in super::super) struct Found {
    /// Below the source, with `/` between the parts.
    pub(in super::super) path: String,
    /// Where it lies.
    pub(in super::super) place: PathBuf,
    /// Its size, in bytes.
    pub(in super::super) size: u64,
}

/// The one form of a source's address, and the directory it stands for.
pub(super) fn place(uri: &str, project: &Path) -> Result<(String, PathBuf)> {
    let bad = |reason| Error::BadSource { uri: uri.to_owned(), reason };
    let path = match uri.split_once("://") {
        Some(("file", path)) => path,
        Some(_) => return Err(bad("it is no directory")),
        None => uri,
    };
    let parts: Vec<Component<'_>> =
        Path::new(path).components().filter(|part| *part != Component::CurDir).collect();
    if parts.contains(&Component::ParentDir) {
        return Err(bad("it leads out of the project by `..`"));
    }
    let clean: PathBuf = parts.iter().collect();
    let place = project.join(&clean);
    if place == project {
        return Err(bad("it is the project's own directory"));
    }
    let form = if clean.is_absolute() { "file://" } else { "file://./" };
    Ok((format!("{form}{}", clean.display()), place))
}

/// Every file below `root`, by path.
pub(in super::super) fn walk(root: &Path) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), root.to_owned())];
    while let Some((prefix, directory)) = open.pop() {
        let wrong = |source| Error::Read { path: directory.clone(), source };
        for entry in fs::read_dir(&directory).map_err(wrong)? {
            let entry = entry.map_err(wrong)?;
            let (place, kind) = (entry.path(), entry.file_type().map_err(wrong)?);
            let Ok(name) = entry.file_name().into_string() else { return Err(Error::Special(place)) };
            let path = format!("{prefix}{name}");
            if kind.is_dir() {
                if name != ".cog" {
                    open.push((format!("{path}/"), place));
                }
            } else if kind.is_file() && is_safe(&path) {
                let size = entry.metadata().map_err(wrong)?.len();
                found.push(Found { path, place, size });
            } else {
                return Err(Error::Special(place));
            }
        }
    }
    found.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn an_address_has_one_form() {
        let project = Path::new("/p");
        for uri in ["net", "./net", "file://net", "file://./net/", "./././net"] {
            assert_eq!(place(uri, project).unwrap(), ("file://./net".to_owned(), "/p/net".into()), "{uri}");
        }
        assert_eq!(place("/a/b", project).unwrap(), ("file:///a/b".to_owned(), "/a/b".into()));
        for uri in [".", "./", "../x", "a/../../x", "/p", "s3://x"] {
            assert!(matches!(place(uri, project), Err(Error::BadSource { .. })), "{uri}");
        }
    }

    #[test]
    fn a_link_is_not_followed() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a"), "").unwrap();
        assert_eq!(walk(root.path()).unwrap().len(), 1);
        std::os::unix::fs::symlink("/etc/passwd", root.path().join("b")).unwrap();
        assert!(matches!(walk(root.path()), Err(Error::Special(_))));
    }
}
