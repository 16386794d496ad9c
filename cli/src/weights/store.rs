//! The files of this machine's weights, each by its digest. A file is there as a whole or not at all.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::NamedTempFile;

use super::inventory;
use super::{Error, Result};
use crate::cache;
use crate::digest::hex;

/// The store of this machine's user.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// Opens it, in the cache.
    ///
    /// # Errors
    /// There is no place for it.
    pub fn open() -> Result<Self> {
        Ok(Self { root: cache::room("weights")? })
    }

    /// Where the file of that digest is, or would be.
    pub(super) fn path(&self, digest: &str) -> PathBuf {
        let name = hex(digest);
        self.root.join("files/sha256").join(name.get(..2).unwrap_or_default()).join(name)
    }

    /// Whether it has the file.
    pub(super) fn has(&self, file: &inventory::File) -> bool {
        fs::symlink_metadata(self.path(&file.digest))
            .is_ok_and(|found| found.is_file() && found.len() == file.size)
    }

    /// A file to be written; gone when it is dropped.
    pub(super) fn draft(&self) -> Result<NamedTempFile> {
        let drafts = self.root.join("drafts");
        let wrong = |source| Error::Write { path: drafts.clone(), source };
        fs::create_dir_all(&drafts).map_err(wrong)?;
        NamedTempFile::new_in(&drafts).map_err(wrong)
    }

    /// Takes in a file whose digest has been computed from its bytes.
    pub(super) fn adopt(&self, draft: NamedTempFile, digest: &str) -> Result<()> {
        let path = self.path(digest);
        let wrong = |source| Error::Write { path: path.clone(), source };
        let keep = || -> io::Result<()> {
            draft.as_file().set_permissions(fs::Permissions::from_mode(0o444))?;
            // A crash must not leave a name with other bytes behind it.
            draft.as_file().sync_data()?;
            fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
            draft.persist(&path).map(drop).map_err(|error| error.error)
        };
        keep().map_err(wrong)
    }

    /// Where a compressed layer waits to be sent.
    pub(super) fn spool(&self, digest: &str) -> Result<PathBuf> {
        let spools = self.root.join("packed");
        fs::create_dir_all(&spools).map_err(|source| Error::Write { path: spools.clone(), source })?;
        Ok(spools.join(hex(digest)))
    }
}
