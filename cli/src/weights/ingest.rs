//! Files read once, on all processors at a time: hashed, and copied into the store on the way.
//!
//! Where the file system shares bytes between files, the store's file is a clone, made before it is read, which nothing
//! can change any more. A file that is not the same after reading as before is refused.

use std::fs::{File, Metadata};
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::inventory;
use super::seen::Seen;
use super::source::Found;
use super::store::Store;
use super::teller::Teller;
use super::{Error, Result};
use crate::buffer::Buffer;
use crate::digest::Hasher;

/// Bytes read at once: as many as a processor's own memory takes, since each call costs.
const READ: usize = 1 << 20;

/// Reads a file of a source; it is put into `store` where there is one. What has been `seen` and is where it belongs is
/// not read again.
pub(super) fn ingest(
    found: &Found,
    store: Option<&Store>,
    seen: &Seen,
    teller: &Teller,
) -> Result<inventory::File> {
    let wrong = |source| Error::Read { path: found.place.clone(), source };
    let mut source = File::open(&found.place).map_err(wrong)?;
    let before = source.metadata().map_err(wrong)?;
    let file =
        |size, digest: &str| inventory::File { path: found.path.clone(), size, digest: digest.to_owned() };
    if let Some(digest) = seen.recall(&before) {
        let known = file(before.size(), digest);
        if store.is_none_or(|store| store.has(&known)) {
            return Ok(known);
        }
    }
    let mut draft = store.map(Store::draft).transpose()?;
    let mut line = teller.of(&found.path, before.size());
    let mut moved = |size| line.at(size);
    let (size, digest) = match &mut draft {
        Some(draft) if rustix::fs::ioctl_ficlone(draft.as_file(), &source).is_ok() => {
            hash(draft.as_file_mut(), &found.place, None, &mut moved)?
        }
        draft => {
            let copy = draft.as_mut().map(|draft| draft.as_file_mut());
            hash(&mut source, &found.place, copy, &mut moved)?
        }
    };
    let state = |file: &Metadata| {
        (file.ino(), file.size(), file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec())
    };
    let after = source.metadata().map_err(wrong)?;
    if state(&after) != state(&before) || size != before.size() {
        return Err(Error::Changed(found.place.clone()));
    }
    let file = file(size, &digest);
    if let (Some(store), Some(draft)) = (store, draft)
        && !store.has(&file)
    {
        store.adopt(draft, &digest)?;
    }
    seen.note(&after, &digest);
    line.done();
    Ok(file)
}

/// Size and digest of what is read, which goes to `copy`, too. `moved` hears how much has been.
pub(super) fn hash(
    source: &mut impl Read,
    path: &Path,
    mut copy: Option<&mut File>,
    moved: &mut dyn FnMut(u64),
) -> Result<(u64, String)> {
    let mut hasher = Hasher::new();
    let mut bytes = Buffer::new(READ);
    let mut size = 0;
    loop {
        let read = source.read(&mut bytes).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        if read == 0 {
            return Ok((size, hasher.finish()));
        }
        hasher.update(&bytes[..read]);
        if let Some(copy) = copy.as_mut() {
            copy.write_all(&bytes[..read])
                .map_err(|source| Error::Write { path: path.to_owned(), source })?;
        }
        size += read as u64;
        moved(size);
    }
}
