//! Images that are written, and written again.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Config, Error, Image, Layout, Packing};
use crate::context::archive::{Content, Entry};

fn made(path: &str, text: &str) -> Entry {
    Entry::new(path, Content::Made(text.as_bytes().to_vec()))
}

fn write(directory: &Path, text: &str) -> Image {
    let layout = Layout::open(directory).unwrap();
    let base = vec![made("b", "2"), Entry::new("a", Content::Directory(0o1777))];
    let layers = vec![
        layout.layer("base", Packing::Gzip, base).unwrap(),
        layout.layer("top", Packing::Gzip, vec![made("c", text)]).unwrap(),
    ];
    let image = Image::new(&Config { architecture: "amd64".to_owned(), ..Config::default() }, layers);
    layout.name(&image).unwrap();
    image
}

fn blobs(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory.join("blobs/sha256")).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_same_entries_make_the_same_image() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(write(one.path(), "x"), write(other.path(), "x"));
    assert_ne!(write(one.path(), "x").digest(), write(other.path(), "y").digest());
}

#[test]
fn every_blob_is_called_by_its_digest_and_the_index_leads_to_all() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "an earlier one");
    let image = write(directory.path(), "x");
    assert_eq!(blobs(directory.path()).len(), 4, "the earlier image's own blobs are gone");
    for name in blobs(directory.path()) {
        let bytes = fs::read(directory.path().join("blobs/sha256").join(&name)).unwrap();
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, name);
    }
    let index: Value =
        serde_json::from_slice(&fs::read(directory.path().join("index.json")).unwrap()).unwrap();
    assert_eq!(index["manifests"][0]["digest"], image.digest());
    let manifest: Value = serde_json::from_slice(&image.manifest).unwrap();
    assert_eq!(manifest["config"]["digest"], image.id());
    assert_eq!(manifest["layers"][1]["size"], image.layers[1].size);
}

#[test]
fn a_directory_of_somebody_elses_stays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("thesis.txt"), "x").unwrap();
    assert!(matches!(Layout::open(directory.path()), Err(Error::Occupied(_))));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn images_of_others_are_not_taken_away() {
    let directory = tempfile::tempdir().unwrap();
    let image = write(directory.path(), "x");
    write(directory.path(), "y");
    let index = directory.path().join("index.json");
    let named = serde_json::json!({"digest": image.digest(), "annotations": {"org.opencontainers.image.ref.name": "a"}});
    let plain = serde_json::json!({"digest": image.digest()});
    for manifests in [vec![named], vec![plain.clone(), plain]] {
        let text = serde_json::json!({ "manifests": manifests }).to_string();
        fs::write(&index, &text).unwrap();
        assert!(matches!(Layout::open(directory.path()), Err(Error::Shared(_))), "{text}");
        assert_eq!(fs::read_to_string(&index).unwrap(), text);
    }
}

#[test]
fn an_unfinished_layer_is_no_blob() {
    let directory = tempfile::tempdir().unwrap();
    let before = write(directory.path(), "x");
    let layout = Layout::open(directory.path()).unwrap();
    let content =
        Content::File { source: directory.path().join("index.json"), size: 1_000_000, executable: false };
    assert!(layout.layer("short", Packing::Gzip, vec![Entry::new("short", content)]).is_err());
    let index: Value =
        serde_json::from_slice(&fs::read(directory.path().join("index.json")).unwrap()).unwrap();
    assert_eq!(index["manifests"][0]["digest"], before.digest());
    assert_eq!(blobs(directory.path()).len(), 4);
}

#[test]
fn a_kept_layer_of_a_file_that_is_as_it_was_is_not_written_again() {
    use std::os::unix::fs::MetadataExt;
    let (place, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = files.path().join("weights.bin");
    let write = |content: &str| fs::write(&source, content).unwrap();
    let build = || {
        let layout = Layout::kept(place.path()).unwrap();
        let content = Content::File { source: source.clone(), size: 3, executable: false };
        let layer =
            layout.layer("weights", Packing::Plain, vec![Entry::new("weights.bin", content)]).unwrap();
        let image = Image::new(&Config::default(), vec![layer.clone()]);
        layout.name(&image).unwrap();
        let blob = place.path().join("blobs/sha256").join(layer.digest.trim_start_matches("sha256:"));
        (layer.digest, fs::metadata(blob).unwrap().ino())
    };
    write("one");
    let (first, _) = build();
    // Of what is just written nothing is remembered.
    write("two");
    let (second, _) = build();
    assert_ne!(first, second);
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let third = build();
    assert_eq!(third.0, second);
    assert_eq!(build(), third, "the very same file");
    write("six");
    assert_ne!(build().0, second);
}

#[test]
fn what_a_killed_build_left_is_nobody_elses() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join(".cog-aBcDeF"), "half of it").unwrap();
    Layout::open(place.path()).unwrap();
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("thesis.txt"), "").unwrap();
    assert!(matches!(Layout::open(other.path()), Err(Error::Occupied(_))));
}
