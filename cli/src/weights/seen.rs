//! Which digest a file had when it was read last, so that what has not changed is not read again.
//!
//! A file is taken for unchanged when nothing that the system notes of it differs, the moment of its last change
//! included, which no program can set. One that had changed a moment before it was read is not remembered: it may have
//! changed once more within the same tick of the clock.

use std::collections::HashMap;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use crate::digest::is_digest;
use crate::stamp::stamp;

/// Files that are remembered; the ones read longest ago are forgotten first.
const MOST: usize = 50_000;
/// How long before it is read a file must have been left alone.
const SETTLED: Duration = Duration::from_secs(2);

/// What is remembered. Without a place for it, or where that cannot be read, nothing is.
#[derive(Debug, Default)]
pub(super) struct Seen {
    known: HashMap<String, String>,
    out: Option<Mutex<File>>,
}

impl Seen {
    /// What the file at `path` remembers: a line for each file, the last one counts.
    pub(super) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        let mut lines: Vec<&str> = text.lines().collect();
        if lines.len() > MOST {
            lines.drain(..lines.len() - MOST / 2);
            // Two that do this at once write about the same.
            let draft = path.with_extension("new");
            let _stays = fs::write(&draft, lines.join("\n") + "\n").and_then(|()| fs::rename(&draft, path));
        }
        // A line that was torn apart is none.
        let entry = |line: &&str| {
            let (stamp, digest) = line.rsplit_once(' ')?;
            is_digest(digest).then(|| (stamp.to_owned(), digest.to_owned()))
        };
        let known = lines.iter().filter_map(entry).collect();
        let out = OpenOptions::new().append(true).create(true).open(path).ok();
        Self { known, out: out.map(Mutex::new) }
    }

    /// The digest that a file had that was exactly so.
    pub(super) fn recall(&self, file: &Metadata) -> Option<&str> {
        self.known.get(&stamp(file)).map(String::as_str)
    }

    /// Remembers what has been read. What is not remembered is only read again.
    pub(super) fn note(&self, file: &Metadata, digest: &str) {
        let Some(out) = &self.out else { return };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let settled = now.saturating_sub(SETTLED).as_secs();
        let before = |moment: i64| u64::try_from(moment).is_ok_and(|moment| moment < settled);
        if before(file.mtime()) && before(file.ctime()) {
            // At once, for others append, too.
            let line = format!("{} {digest}\n", stamp(file));
            let _unwritten = out.lock().map(|mut out| out.write_all(line.as_bytes()));
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;
    use crate::digest::digest;

    #[test]
    fn a_file_is_recalled_until_anything_about_it_differs() {
        let root = tempfile::tempdir().unwrap();
        let (file, memory) = (root.path().join("net.bin"), root.path().join("seen"));
        fs::write(&file, "one").unwrap();
        let seen = |file: &Path| {
            let seen = Seen::read(&memory);
            seen.recall(&fs::metadata(file).unwrap()).map(str::to_owned)
        };
        Seen::read(&memory).note(&fs::metadata(&file).unwrap(), &digest(b"one"));
        assert_eq!(seen(&file), None, "it changed a moment ago");
        std::thread::sleep(SETTLED + Duration::from_millis(1100));
        Seen::read(&memory).note(&fs::metadata(&file).unwrap(), &digest(b"one"));
        assert_eq!(seen(&file), Some(digest(b"one")));

        // Same size, and its old time put back.
        let modified = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&file, "two").unwrap();
        File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
        assert_eq!(seen(&file), None);
    }

    #[test]
    fn what_is_remembered_has_an_end_and_may_be_torn() {
        let root = tempfile::tempdir().unwrap();
        let memory = root.path().join("seen");
        let digest = digest(b"");
        let mut text: String = (0..=MOST).map(|number| format!("{number} {digest}\n")).collect();
        text.push_str("torn sha256:12");
        fs::write(&memory, text).unwrap();
        assert!(Seen::read(&memory).known.len() < MOST);
        assert!(Seen::read(&memory).known.contains_key(&MOST.to_string()));
        assert!(fs::read_to_string(&memory).unwrap().lines().count() <= MOST / 2);
    }
}
