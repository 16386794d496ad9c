//! Files that one process at a time has to itself.

use std::fs::{self, File, Metadata, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

/// How often to look whether the other is done.
const INTERVAL: Duration = Duration::from_millis(100);

/// Waits until the file at `path`, which is made if need be, is this process's own. It is given back on drop, and by the
/// kernel if this process dies. `waiting` is called once if somebody else has it; dropping the future ends the wait.
///
/// # Errors
/// The file cannot be made or locked.
pub async fn exclusive(path: &Path, waiting: impl FnOnce()) -> io::Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    let mut waiting = Some(waiting);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                if let Some(waiting) = waiting.take() {
                    waiting();
                }
                tokio::time::sleep(INTERVAL).await;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Whether it is this file that is at `path`: before it was locked, another process may have given it another name, or
/// removed it.
pub fn is_at(file: &File, path: &Path) -> bool {
    let identity = |found: Metadata| (found.dev(), found.ino());
    let here = fs::metadata(path).map(identity).ok();
    here.is_some() && here == file.metadata().map(identity).ok()
}
