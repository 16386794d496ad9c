//! A compiler that leaves paths of this machine out of what it makes.
//!
//! It is the one there is, called with more flags. Cargo does not know of them: the author's own flags do not take their
//! place, and what was compiled on one bench is as good on another.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::absent;
use crate::stamp::stamp;

/// Has a program at `path` that compiles, and gives what lies below the paths in `replaced` other names.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(path: &Path, replaced: &[(&Path, &str)]) -> io::Result<()> {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut script = format!("#!/bin/sh\n# {}\nexec ", identity(&compiler)).into_bytes();
    script.extend(quoted(compiler.as_encoded_bytes()));
    script.extend(b" \"$@\"");
    for (from, to) in replaced {
        script.extend(b" --remap-path-prefix=");
        script.extend(quoted(&[from.as_os_str().as_encoded_bytes(), b"=", to.as_bytes()].concat()));
    }
    script.push(b'\n');
    // Cargo asks a compiler that has changed what it is.
    if fs::read(path).is_ok_and(|known| known == script) {
        return Ok(());
    }
    absent(fs::remove_file(path))?;
    fs::OpenOptions::new().create_new(true).write(true).mode(0o755).open(path)?.write_all(&script)
}

/// What changes when another compiler takes its place. Cargo looks at the script's own bytes alone.
fn identity(compiler: &OsStr) -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).map(|place| place.join(compiler));
    let file = places.filter_map(|place| fs::metadata(place).ok()).find(Metadata::is_file);
    file.as_ref().map(stamp).unwrap_or_default()
}

/// A word for a shell that stands for itself.
fn quoted(word: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for byte in word {
        match byte {
            b'\'' => quoted.extend(b"'\\''"),
            byte => quoted.push(*byte),
        }
    }
    quoted.push(b'\'');
    quoted
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_quoted_word_means_itself_to_a_shell() {
        use std::os::unix::ffi::OsStringExt;

        for word in ["", "plain", "it's two  words", "$HOME \"x\" \\ `id`\n"] {
            let line = [&b"printf %s "[..], &quoted(word.as_bytes())].concat();
            let said =
                std::process::Command::new("sh").arg("-c").arg(std::ffi::OsString::from_vec(line)).output();
            assert_eq!(String::from_utf8_lossy(&said.unwrap().stdout), word);
        }
    }
}
