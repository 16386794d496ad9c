//! The tar of a layer, byte for byte as every tool writes it that is to come to the same digest.
//!
//! Directories first, then files; before each entry a record with `atime` and `ctime` of zero; no owner, no moment, two
//! empty blocks at the end and no more. Owns the bytes between the files; the files themselves are not read here.

use std::collections::BTreeSet;

/// Bytes of a block.
const BLOCK: usize = 512;
/// Bytes of a name in a header.
const NAME: usize = 100;
/// A file of this size and above has its size in a record.
const OCTAL: u64 = 1 << 33;

/// A stretch of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stretch {
    /// These bytes.
    Made(Vec<u8>),
    /// The file of this number.
    File(usize),
}

/// The archive of files of these paths and sizes, sorted by path.
pub(super) fn stretches(files: &[(&str, u64)]) -> Vec<Stretch> {
    let mut made = Vec::new();
    for directory in directories(files.iter().map(|(path, _)| *path)) {
        entry(&mut made, &directory, b'5', 0o755, 0);
    }
    let mut stretches = Vec::new();
    for (number, (path, size)) in files.iter().enumerate() {
        entry(&mut made, path, b'0', 0o644, *size);
        stretches.push(Stretch::Made(std::mem::take(&mut made)));
        stretches.push(Stretch::File(number));
        let rest = usize::try_from(size % BLOCK as u64).unwrap_or(0);
        made.resize((BLOCK - rest) % BLOCK, 0);
    }
    made.resize(made.len() + 2 * BLOCK, 0);
    stretches.push(Stretch::Made(made));
    stretches
}

/// The directories that hold the files, outermost first, each with a slash at its end.
fn directories<'a>(paths: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    paths.flat_map(|path| path.match_indices('/').map(|(at, _)| path[..=at].to_owned())).collect()
}

/// An entry's record and header.
fn entry(out: &mut Vec<u8>, name: &str, kind: u8, mode: u32, size: u64) {
    // By name, as records are sorted.
    let mut records = record("atime", "0") + &record("ctime", "0");
    if name.len() > NAME || !name.is_ascii() {
        records += &record("path", name);
    }
    if size >= OCTAL {
        records += &record("size", &size.to_string());
    }
    let (directory, base) = name.rfind('/').map_or(("", name), |at| name.split_at(at + 1));
    let place = format!("{directory}PaxHeaders.0/{base}");
    let place: String = place.chars().filter(char::is_ascii).take(NAME).collect();
    let mut header = Header::new(place.trim_end_matches('/'), b'x', 0, records.len() as u64);
    header.finish(out);
    out.extend_from_slice(records.as_bytes());
    // What is before may end within a block: the end of a file belongs to the stretch that follows it.
    out.resize(out.len() + records.len().next_multiple_of(BLOCK) - records.len(), 0);

    let plain: String = name.chars().filter(char::is_ascii).collect();
    let mut header = Header::new(&plain, kind, mode, if size < OCTAL { size } else { 0 });
    header.octal(329..337, 0);
    header.octal(337..345, 0);
    header.finish(out);
}

/// `LENGTH NAME=VALUE`, where the length counts itself.
fn record(name: &str, value: &str) -> String {
    let rest = name.len() + value.len() + 3;
    let mut length = rest;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {name}={value}\n")
}

struct Header([u8; BLOCK]);

impl Header {
    fn new(name: &str, kind: u8, mode: u32, size: u64) -> Self {
        let mut header = Self([0; BLOCK]);
        header.text(name);
        header.octal(100..108, mode.into());
        header.octal(108..116, 0);
        header.octal(116..124, 0);
        header.octal(124..136, size);
        header.octal(136..148, 0);
        header.0[156] = kind;
        header.0[257..265].copy_from_slice(b"ustar\x0000");
        header
    }

    /// The name, or as much of it as there is room for; never one that ends in a slash where it was cut.
    fn text(&mut self, name: &str) {
        let bytes = name.as_bytes();
        let length = bytes.len().min(NAME);
        self.0[..length].copy_from_slice(&bytes[..length]);
        if bytes.len() > NAME {
            let kept = name[..NAME].trim_end_matches('/').len();
            self.0[kept..NAME].iter_mut().take(1).for_each(|byte| *byte = 0);
        }
    }

    fn octal(&mut self, place: std::ops::Range<usize>, value: u64) {
        let digits = place.len() - 1;
        let text = format!("{value:0digits$o}\0");
        self.0[place].copy_from_slice(text.as_bytes());
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        self.0[148..156].copy_from_slice(b"        ");
        let sum: u64 = self.0.iter().map(|byte| u64::from(*byte)).sum();
        self.octal(148..155, sum);
        out.extend_from_slice(&self.0);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use std::io::Read;

    use super::*;

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let sizes: Vec<(&str, u64)> = files.iter().map(|(path, bytes)| (*path, bytes.len() as u64)).collect();
        let mut out = Vec::new();
        for stretch in stretches(&sizes) {
            match stretch {
                Stretch::Made(bytes) => out.extend(bytes),
                Stretch::File(number) => out.extend(files[number].1),
            }
        }
        out
    }

    #[test]
    fn every_tar_reader_finds_directories_and_files() {
        let long = format!("deep/{}/end", "x".repeat(120));
        let bytes = tar(&[("a/b/one", b"1"), (&long, b"long"), ("ä.bin", b""), ("two", &[7; 512])]);
        let mut archive = tar::Archive::new(&bytes[..]);
        let mut seen = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            assert_eq!((entry.header().uid().unwrap(), entry.header().mtime().unwrap()), (0, 0));
            seen.push((path, entry.header().mode().unwrap(), content));
        }
        let directory = |path: &str| (path.to_owned(), 0o755, Vec::new());
        assert_eq!(
            seen,
            [
                directory("a/"),
                directory("a/b/"),
                directory("deep/"),
                directory(&format!("deep/{}/", "x".repeat(120))),
                ("a/b/one".to_owned(), 0o644, b"1".to_vec()),
                (long, 0o644, b"long".to_vec()),
                ("ä.bin".to_owned(), 0o644, Vec::new()),
                ("two".to_owned(), 0o644, vec![7; 512]),
            ]
        );
    }

    #[test]
    fn a_header_has_the_bytes_that_other_tools_give_it() {
        let bytes = tar(&[("d/f", b"x")]);
        assert_eq!(&bytes[..15], b"d/PaxHeaders.0\0");
        assert_eq!(&bytes[512..534], b"11 atime=0\n11 ctime=0\n");
        assert_eq!(&bytes[1024..1027], b"d/\0");
        assert_eq!(&bytes[1536..1552], b"d/PaxHeaders.0/f");
        // Only the entry itself has device numbers.
        assert_eq!((bytes[1536 + 329], &bytes[2560 + 329..2560 + 337]), (0, &b"0000000\0"[..]));
        assert_eq!(&bytes[1536 + 148..1536 + 156].len(), &8);
        assert_eq!(bytes[2560 + 155], b' ');
        assert_eq!(bytes.len(), 6 * 512 + 512 + 1024);
    }

    #[test]
    fn sizes_are_those_that_lock_files_record() {
        let size = |path: &str, size: u64| -> u64 {
            stretches(&[(path, size)])
                .iter()
                .map(|stretch| match stretch {
                    Stretch::Made(bytes) => bytes.len() as u64,
                    Stretch::File(_) => size,
                })
                .sum()
        };
        assert_eq!(size("model.safetensors", 2_508_311_120), 2_508_314_112);
        assert_eq!(size("model.safetensors", 90_868_376), 90_871_296);
        // Beyond what a header's field holds there is a record.
        assert_eq!(size("model.safetensors", 9 << 30), (9 << 30) + 2560);
        assert_eq!(record("size", "9663676416"), "19 size=9663676416\n");
    }
}
