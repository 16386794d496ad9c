//! A layer of an engine's without the moment it was made at: same owners, modes, links and attributes, one time.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use tar::{Archive, Builder, EntryType, Header};

use crate::context::archive::TIME;

/// Attributes of files, which is where capabilities are; other extensions of the format hold times.
const ATTRIBUTES: &str = "SCHILY.xattr.";
/// Longest target of a link that a header has room for.
const SHORT: usize = 100;

/// Copies a tar, entry by entry in its order.
pub(super) fn timeless(tar: impl Read, out: &mut dyn Write) -> io::Result<()> {
    let mut archive = Archive::new(tar);
    let mut builder = Builder::new(out);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let attributes = attributes(&mut entry)?;
        let extensions = attributes.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        builder.append_pax_extensions(extensions)?;
        let known = entry.header();
        let kind = known.entry_type();
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(known.mode()?);
        header.set_uid(known.uid()?);
        header.set_gid(known.gid()?);
        header.set_mtime(TIME);
        header.set_size(entry.size());
        if matches!(kind, EntryType::Block | EntryType::Char) {
            header.set_device_major(known.device_major()?.unwrap_or_default())?;
            header.set_device_minor(known.device_minor()?.unwrap_or_default())?;
        }
        let path = entry.path_bytes().into_owned();
        let path = Path::new(OsStr::from_bytes(&path));
        match entry.link_name_bytes().map(std::borrow::Cow::into_owned) {
            Some(target) if target.len() > SHORT => {
                builder.append_link(&mut header, path, OsStr::from_bytes(&target))?;
            }
            Some(target) => {
                header.set_link_name_literal(&target)?;
                builder.append_data(&mut header, path, io::empty())?;
            }
            None => builder.append_data(&mut header, path, &mut entry)?,
        }
    }
    builder.into_inner().map(drop)
}

fn attributes(entry: &mut tar::Entry<'_, impl Read>) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    for extension in entry.pax_extensions()?.into_iter().flatten() {
        let extension = extension?;
        if let Ok(name) = extension.key()
            && name.starts_with(ATTRIBUTES)
        {
            found.push((name.to_owned(), extension.value_bytes().to_vec()));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    /// Every kind of entry, of some moment.
    fn layer(time: u64) -> Vec<u8> {
        let header = |kind, size| {
            let mut header = Header::new_ustar();
            header.set_mtime(time);
            header.set_mode(0o4750);
            header.set_uid(7);
            header.set_gid(8);
            header.set_username(&format!("u{time}")).unwrap();
            header.set_entry_type(kind);
            header.set_size(size);
            header
        };
        let long = format!("bin/{}", "long".repeat(40));
        let time_of_access = format!("{time}.5");
        let mut builder = Builder::new(Vec::new());
        builder.append_data(&mut header(EntryType::Directory, 0), "bin/", io::empty()).unwrap();
        builder
            .append_pax_extensions([
                ("atime", time_of_access.as_bytes()),
                ("SCHILY.xattr.security.capability", b"\x01\0\xff".as_slice()),
            ])
            .unwrap();
        builder.append_data(&mut header(EntryType::Regular, 3), &long, &b"abc"[..]).unwrap();
        builder.append_link(&mut header(EntryType::Link, 0), "bin/hard", &long).unwrap();
        // The tar crate tidies a target that it takes for a path.
        let mut link = header(EntryType::Symlink, 0);
        link.set_link_name_literal("../../else/./where").unwrap();
        builder.append_data(&mut link, "bin/soft", io::empty()).unwrap();
        builder.append_data(&mut header(EntryType::Regular, 0), "bin/.wh.gone", io::empty()).unwrap();
        builder.into_inner().unwrap()
    }

    fn rewritten(tar: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        timeless(tar, &mut out).unwrap();
        out
    }

    #[test]
    fn two_moments_give_one_layer_with_everything_else_as_it_was() {
        let one = rewritten(&layer(1_700_000_000));
        assert_eq!(one, rewritten(&layer(1_800_000_000)));
        assert_eq!(one, rewritten(&one), "and doing it again changes nothing");
        let mut archive = Archive::new(one.as_slice());
        let mut seen = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let header = entry.header();
            assert_eq!((header.mtime().unwrap(), header.mode().unwrap()), (TIME, 0o4750));
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (7, 8));
            let link = entry.link_name_bytes().map(|name| String::from_utf8_lossy(&name).into_owned());
            let attributes = attributes(&mut entry).unwrap();
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            seen.push((path, link, text, attributes.len()));
        }
        let long = format!("bin/{}", "long".repeat(40));
        assert_eq!(seen[0].0, "bin/");
        assert_eq!(seen[1], (long.clone(), None, "abc".to_owned(), 1));
        assert_eq!(seen[2].1.as_deref(), Some(long.as_str()));
        assert_eq!(seen[3].1.as_deref(), Some("../../else/./where"));
        assert_eq!(seen[4].0, "bin/.wh.gone");
    }

    #[test]
    fn half_a_layer_is_no_layer() {
        let whole = layer(1_700_000_000);
        assert!(timeless(&whole[..whole.len() / 3], &mut Vec::new()).is_err());
    }
}
