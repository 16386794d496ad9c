//! Files that came with the request itself.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::fs::File;

use super::name;
use crate::supervisor::aside;

/// What the text that stands for an attached file begins with. Who sends JSON may write it too; it is looked up among
/// the files of the same request only, and so leads nowhere else.
const SCHEME: &str = "attached:";

/// The files of one request, deleted when it is refused or its prediction ends.
#[derive(Default)]
pub(crate) struct Attached {
    folder: Option<TempDir>,
    /// By the text that stands for each in the input.
    files: HashMap<String, PathBuf>,
}

impl Attached {
    /// A new file, called as its sender calls it as far as that is safe; and the text that stands for it.
    ///
    /// # Errors
    /// The disk's.
    pub(in crate::supervisor) async fn create(&mut self, sent_as: &str) -> io::Result<(String, File)> {
        let folder = match &self.folder {
            Some(folder) => folder,
            None => self.folder.insert(super::folder()?),
        };
        let number = self.files.len();
        let place = folder.path().join(format!("attached-{number}"));
        tokio::fs::create_dir(&place).await?;
        let name = name::of_attachment(sent_as);
        let path = place.join(&name);
        let file = File::create_new(&path).await?;
        let text = format!("{SCHEME}{number}/{name}");
        self.files.insert(text.clone(), path);
        Ok((text, file))
    }

    pub(super) fn find(&self, text: &str) -> Option<&Path> {
        self.files.get(text).map(PathBuf::as_path)
    }

    /// The folder that they are in, to be deleted later than this.
    pub(super) fn take_folder(&mut self) -> Option<TempDir> {
        self.folder.take()
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            aside::discard(folder);
        }
    }
}
