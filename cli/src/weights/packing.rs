//! Which files go into which layer: large ones alone, small ones together.
//!
//! The numbers are part of what a lock file means: its envelope format is the digest of them.

use serde::Serialize;

use super::inventory::File;
use crate::digest::digest;

/// Media type of a layer that is a tar as it is.
pub(super) const RAW: &str = "application/vnd.oci.image.layer.v1.tar";
/// Media type of a layer that is a compressed tar.
pub(super) const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// Media type of a layer that only other tools make.
pub(super) const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// Files of this size and above have a layer of their own.
const LARGE: u64 = 64 << 20;
/// Bytes of files that are bundled at most.
const BUNDLE: u64 = 256 << 20;
/// Compression of a bundle of several files.
const THOROUGH: u32 = 9;
/// Compression of everything else, in the words of zlib: its default.
const DEFAULT: i32 = -1;
/// Files that are dense already, by extension.
const DENSE: [&str; 7] = [".bin", ".gguf", ".onnx", ".parquet", ".pt", ".pth", ".safetensors"];

/// How the tar of a layer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// As it is.
    Raw,
    /// Compressed by zlib's default.
    Gzip,
    /// Compressed as well as can be.
    GzipThorough,
}

impl Packing {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Raw => RAW,
            Self::Gzip | Self::GzipThorough => GZIP,
        }
    }

    pub(super) fn compression(self) -> flate2::Compression {
        match self {
            Self::GzipThorough => flate2::Compression::new(THOROUGH),
            Self::Raw | Self::Gzip => flate2::Compression::default(),
        }
    }
}

/// What goes into a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pack {
    pub(super) files: Vec<File>,
    pub(super) packing: Packing,
}

impl Pack {
    /// Bytes of its files.
    pub(super) fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// Whether a file of that name and size is a layer of its own, as it is.
pub(super) fn is_raw(path: &str, size: u64) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rfind('.').map(|at| &name[at..]);
    size >= LARGE && extension.is_some_and(|extension| DENSE.contains(&extension))
}

/// Divides files among layers.
pub(super) fn pack(files: &[File]) -> Vec<Pack> {
    let mut sorted: Vec<&File> = files.iter().collect();
    sorted.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    let mut packs = Vec::new();
    let mut bundle: Vec<File> = Vec::new();
    let mut size = 0;
    for file in sorted {
        if file.size >= LARGE {
            let packing = if is_raw(&file.path, file.size) { Packing::Raw } else { Packing::Gzip };
            packs.push(Pack { files: vec![file.clone()], packing });
            continue;
        }
        if !bundle.is_empty() && size + file.size > BUNDLE {
            packs.push(bundled(std::mem::take(&mut bundle)));
            size = 0;
        }
        size += file.size;
        bundle.push(file.clone());
    }
    if !bundle.is_empty() {
        packs.push(bundled(bundle));
    }
    packs
}

fn bundled(files: Vec<File>) -> Pack {
    let packing = if files.len() > 1 { Packing::GzipThorough } else { Packing::Gzip };
    Pack { files, packing }
}

/// The digest of the rules above.
pub(super) fn envelope_format() -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Rules<'a> {
        bundle_file_max: u64,
        bundle_size_max: u64,
        gzip_level_bundle: u32,
        gzip_level_large: i32,
        incompressible_exts: &'a [&'a str],
        media_type_compressed: &'a str,
        media_type_raw: &'a str,
        revision: u32,
    }
    let rules = Rules {
        bundle_file_max: LARGE,
        bundle_size_max: BUNDLE,
        gzip_level_bundle: THOROUGH,
        gzip_level_large: DEFAULT,
        incompressible_exts: &DENSE,
        media_type_compressed: GZIP,
        media_type_raw: RAW,
        revision: 1,
    };
    digest(&serde_json::to_vec(&rules).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, mib: u64) -> File {
        File { path: path.to_owned(), size: mib << 20, digest: digest(path.as_bytes()) }
    }

    fn shape(files: &[File]) -> Vec<(Vec<&'static str>, Packing)> {
        let name = |file: &File| &*file.path.clone().leak();
        pack(files).iter().map(|pack| (pack.files.iter().map(name).collect(), pack.packing)).collect()
    }

    #[test]
    fn large_files_are_alone_and_small_ones_together_by_name() {
        let files = [file("b", 63), file("z.safetensors", 64), file("a", 1), file("c.json", 64)];
        let expected = vec![
            (vec!["c.json"], Packing::Gzip),
            (vec!["z.safetensors"], Packing::Raw),
            (vec!["a", "b"], Packing::GzipThorough),
        ];
        assert_eq!(shape(&files), expected);
    }

    #[test]
    fn a_bundle_that_is_full_is_followed_by_another() {
        let files: Vec<File> = ["a", "b", "c", "d", "e.bin"].map(|path| file(path, 60)).into();
        let expected =
            vec![(vec!["a", "b", "c", "d"], Packing::GzipThorough), (vec!["e.bin"], Packing::Gzip)];
        assert_eq!(shape(&files), expected);
    }
}
