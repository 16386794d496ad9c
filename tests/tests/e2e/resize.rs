//! `examples/resize`: a picture in, a picture out.

use std::path::PathBuf;

use cog_tests::{Project, cog, needs_docker, repository};

fn example() -> PathBuf {
    repository().join("examples/resize")
}

/// The width that a PNG's header states.
fn width(png: &[u8]) -> u32 {
    assert_eq!(png.get(..8), Some(&b"\x89PNG\r\n\x1a\n"[..]), "a PNG");
    let width = png.get(16..20).and_then(|bytes| bytes.try_into().ok());
    u32::from_be_bytes(width.expect("a PNG has a header"))
}

fn resized(mode: &[&str]) {
    let place = Project::empty();
    let photo = format!("image=@{}", example().join("photo.png").display());
    let mut run = cog(["predict"]);
    for flag in mode {
        run = run.arg(flag);
    }
    run.arg("-C")
        .arg(example())
        .input(&photo)
        .input("width=64")
        .arg("-o")
        .arg("out.png")
        .within(place.path())
        .run()
        .succeeds()
        .leaves_nothing_running();
    assert_eq!(width(&std::fs::read(place.file("out.png")).expect("it was written")), 64);
}

#[test]
fn a_picture_is_resized_without_docker() {
    resized(&["--local"]);
}

#[test]
fn a_picture_is_resized_in_a_container() {
    needs_docker!();
    resized(&[]);
}

#[test]
fn a_width_of_nothing_is_refused_before_any_docker_work() {
    let photo = format!("image=@{}", example().join("photo.png").display());
    let run = cog(["predict", "-i", &photo, "-i", "width=0", "-C"]).arg(example()).without_docker().run();
    run.exits(1).says("width").does_not_say("Docker").says_one_thing().leaves_nothing_running();
}
