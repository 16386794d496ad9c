//! What several test predictors do alike.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A new folder for output files, as Python's `tempfile.mkdtemp` makes one: nobody removes it but who made it.
pub fn scratch_folder() -> io::Result<PathBuf> {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("predictor-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// How the health check is to turn out: what the file `health_mode` says, `ok` where there is none.
pub fn health_mode() -> String {
    std::fs::read_to_string("health_mode").map_or("ok".to_owned(), |mode| mode.trim().to_owned())
}
