//! A full disk: told as such, and nothing half-written stays.

use cog_tests::{Project, Receiver, Server, TinyDisk, cog};
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

#[test]
fn an_output_file_that_does_not_fit_fails_its_prediction_and_no_other() {
    let Some(disk) = TinyDisk::of_kib(256) else { return };
    let room = disk.path().to_str().expect("temporary directories have plain names").to_owned();
    let server = Server::with("pathout", &[("TMPDIR", &room)]);
    let answer = server.predict(&json!({ "text": "x".repeat(1 << 20) })).json();
    assert_eq!(answer["status"], "failed", "{answer}");
    assert!(answer["error"].as_str().is_some_and(|error| error.contains("No space left")), "{answer}");
    // What the model itself half wrote is the model's to take away.
    for left in std::fs::read_dir(disk.path()).into_iter().flatten().flatten() {
        std::fs::remove_dir_all(left.path()).expect("it can be removed");
    }
    let answer = server.predict(&json!({ "text": "small" })).json();
    assert_eq!(answer["output"], "data:text/plain;base64,c21hbGw=", "{answer}");
}

#[test]
fn a_form_whose_file_does_not_fit_is_refused_and_takes_no_slot() {
    let Some(disk) = TinyDisk::of_kib(256) else { return };
    let room = disk.path().to_str().expect("temporary directories have plain names").to_owned();
    let server = Server::with("filein", &[("TMPDIR", &room)]);
    let form = |content: &str| {
        let head = "--b\r\ncontent-disposition: form-data; name=\"path\"; filename=\"f\"\r\n\r\n";
        format!("{head}{content}\r\n--b--\r\n").into_bytes()
    };
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    let send = |content: &str| {
        server.connect().request("POST", "/predictions", &headers, &form(content)).expect("an answer")
    };
    let reply = send(&"x".repeat(1 << 20));
    assert_eq!(reply.status, 507, "{}", reply.text());
    assert!(reply.text().contains("No space left"), "{}", reply.text());
    server.wait_until("what was written is taken away", || {
        std::fs::read_dir(disk.path()).is_ok_and(|mut left| left.next().is_none())
    });
    assert_eq!(send("small").json()["status"], "succeeded");
}

#[test]
fn a_webhook_that_finds_no_room_in_the_outbox_is_sent_all_the_same() {
    let Some(disk) = TinyDisk::of_kib(64) else { return };
    let outbox = disk.path().to_str().expect("temporary directories have plain names").to_owned();
    let receiver = Receiver::answering(|_| 200);
    let server = Server::with("echo", &[("COG_WEBHOOK_OUTBOX", &outbox)]);
    let ballast = disk.fill();
    let predict = |id: &str| {
        let body = json!({ "id": id, "input": { "text": "x" }, "webhook": receiver.url("/") });
        let reply = server.connect().post("/predictions", &body).expect("an answer");
        assert_eq!(reply.json()["status"], "succeeded", "{}", reply.text());
        receiver.wait_until("the last word came", |told| {
            told.iter().any(|told| told.json()["id"] == json!(id) && told.json()["status"] == "succeeded")
        });
    };
    predict("full");
    std::fs::remove_file(ballast).expect("it can be removed");
    predict("empty");
}
