//! The tar: entries in order, all of one time and nobody's.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use tar::{Builder, EntryType, Header};

use super::ContextError;

/// The time of every entry, 1980-01-01: the earliest that every tool can write.
pub const TIME: u64 = 315_532_800;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it lies, relative to the archive's root.
    pub path: String,
    /// User and group it belongs to.
    pub owner: u32,
    /// What it holds.
    pub content: Content,
}

/// What an entry holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A directory, with its mode.
    Directory(u32),
    /// A file of the project.
    File {
        /// Where it is read from.
        source: PathBuf,
        /// Its size, in bytes, when it was chosen.
        size: u64,
        /// Whether it can be run.
        executable: bool,
    },
    /// A file made here.
    Made(Vec<u8>),
    /// A symbolic link, as it is.
    Link(PathBuf),
}

impl Entry {
    /// An entry of the superuser's.
    pub fn new(path: impl Into<String>, content: Content) -> Self {
        Self { path: path.into(), owner: 0, content }
    }

    /// Bytes of its content.
    pub fn size(&self) -> u64 {
        match &self.content {
            Content::File { size, .. } => *size,
            Content::Made(bytes) => bytes.len() as u64,
            Content::Directory(_) | Content::Link(_) => 0,
        }
    }
}

/// Writes the entries, which are sorted.
pub fn write(entries: &[Entry], writer: impl Write) -> Result<(), ContextError> {
    let mut tar = Builder::new(writer);
    for entry in entries {
        let mut header = Header::new_gnu();
        header.set_mtime(TIME);
        header.set_uid(entry.owner.into());
        header.set_gid(entry.owner.into());
        header.set_size(entry.size());
        match &entry.content {
            Content::File { source, size, executable } => {
                header.set_mode(if *executable { 0o755 } else { 0o644 });
                let file = std::fs::File::open(source)
                    .map_err(|error| ContextError::Read { path: source.clone(), source: error })?;
                let mut exact = Exact { file, left: *size, changed: false, failed: None };
                let written = tar.append_data(&mut header, &entry.path, &mut exact);
                match (exact.failed, exact.changed) {
                    (Some(error), _) => {
                        return Err(ContextError::Read { path: source.clone(), source: error });
                    }
                    (None, true) => return Err(ContextError::Changed(source.clone())),
                    (None, false) => written.map_err(ContextError::Write)?,
                }
            }
            Content::Directory(mode) => {
                header.set_mode(*mode);
                header.set_entry_type(EntryType::Directory);
                tar.append_data(&mut header, &entry.path, io::empty()).map_err(ContextError::Write)?;
            }
            Content::Made(bytes) => {
                header.set_mode(0o644);
                tar.append_data(&mut header, &entry.path, bytes.as_slice()).map_err(ContextError::Write)?;
            }
            Content::Link(target) => {
                header.set_mode(0o777);
                header.set_entry_type(EntryType::Symlink);
                tar.append_link(&mut header, &entry.path, target).map_err(ContextError::Write)?;
            }
        }
    }
    tar.into_inner().and_then(|mut writer| writer.flush()).map_err(ContextError::Write)
}

/// A file that must have just the size it had when it was chosen: the tar already says so.
struct Exact {
    file: std::fs::File,
    left: u64,
    changed: bool,
    failed: Option<io::Error>,
}

impl Read for Exact {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.file.read(buffer) {
            Ok(read) => read as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                self.failed = Some(error);
                return Err(io::Error::other("unreadable"));
            }
        };
        if read > self.left || (read == 0 && self.left > 0 && !buffer.is_empty()) {
            self.changed = true;
            return Err(io::Error::other("changed"));
        }
        self.left -= read;
        Ok(usize::try_from(read).unwrap_or_default())
    }
}
