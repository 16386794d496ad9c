//! A full disk: told as such, and nothing half-written stays.

use cog_tests::{Project, Server, TinyDisk, cog};
use serde_json::json;

use crate::models::copier;

#[test]
fn an_output_that_does_not_fit_is_told_and_taken_away() {
    let Some(disk) = TinyDisk::of_kib(64) else { return };
    let place = Project::empty().with("in.txt", vec![b'x'; 256 << 10]);
    let out = disk.path().join("out.txt");
    let run = cog(["predict", "--local", "-C"])
        .arg(copier().path())
        .input("file=@in.txt")
        .arg("-o")
        .arg(&out)
        .within(place.path())
        .run();
    run.exits(1).says("No space left").says("out.txt").says_one_thing().leaves_nothing_running();
    assert!(!out.exists(), "half a file is worse than none");
}

#[test]
fn a_project_is_not_half_made() {
    let Some(disk) = TinyDisk::of_kib(32) else { return };
    let run = cog(["init"]).within(disk.path()).run();
    run.exits(1).says("No space left").says_one_thing();
}

#[test]
fn a_build_directory_without_room_is_told() {
    let Some(disk) = TinyDisk::of_kib(64) else { return };
    disk.fill();
    let run = cog(["predict", "--local", "-i", "file=@Cargo.toml"])
        .within(copier().path())
        .env("TMPDIR", disk.path())
        .run();
    // Where it needs a temporary file it says so; where it can do without it answers.
    run.does_not_say("panicked").leaves_nothing_running();
}

#[test]
fn an_input_file_that_does_not_fit_fails_its_prediction_and_no_other() {
    let Some(disk) = TinyDisk::of_kib(512) else { return };
    let room = disk.path().to_str().expect("temporary directories have plain names").to_owned();
    let server = Server::with("inputs", &[("TMPDIR", &room)]);
    let large = format!("data:text/plain,{}", "x".repeat(2 << 20));
    let reply = server.predict(&json!({ "prompt": "p", "image": large }));
    assert_eq!(reply.status, 200);
    let answer = reply.json();
    assert_eq!(answer["status"], "failed", "{answer}");
    assert!(answer["error"].as_str().is_some_and(|error| error.contains("No space left")), "{answer}");
    let small = server.predict(&json!({ "prompt": "p", "image": "data:text/plain,x" })).json();
    assert_eq!(small["status"], "succeeded", "{small}");
    let left = std::fs::read_dir(disk.path()).into_iter().flatten().flatten();
    let left: Vec<_> = left.filter(|entry| entry.metadata().is_ok_and(|file| file.is_file())).collect();
    assert!(left.is_empty(), "{left:?}");
}
