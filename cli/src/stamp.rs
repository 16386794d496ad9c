//! How a file is known to be as it was.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// All that the system notes of a file's bytes: where they are, how many, and when they changed, by a time that programs
/// set and by one that they cannot. Of a file that changed within the clock's last tick it tells nothing.
pub fn stamp(file: &Metadata) -> String {
    let (modified, changed) = ((file.mtime(), file.mtime_nsec()), (file.ctime(), file.ctime_nsec()));
    format!(
        "{} {} {} {}.{} {}.{}",
        file.dev(),
        file.ino(),
        file.size(),
        modified.0,
        modified.1,
        changed.0,
        changed.1
    )
}
