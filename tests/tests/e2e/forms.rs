//! Requests as forms, with files that go to disk as they come.

use std::io::Write;
use std::net::TcpStream;
use std::path::Path;

use cog_tests::{Reply, Server};
use serde_json::{Value, json};

const BOUNDARY: &str = "x-boundary-x";
const TYPE: (&str, &str) = ("content-type", "multipart/form-data; boundary=x-boundary-x");

#[derive(Clone)]
enum Part<'a> {
    Text(&'a str, &'a str),
    File(&'a str, &'a str, &'a [u8]),
}
use Part::{File, Text};

fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        let (head, content) = match part {
            Text(name, text) => (format!("name=\"{name}\""), text.as_bytes()),
            File(name, file, content) => (format!("name=\"{name}\"; filename=\"{file}\""), *content),
        };
        body.extend_from_slice(
            format!("--{BOUNDARY}\r\ncontent-disposition: form-data; {head}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

fn send(server: &Server, parts: &[Part<'_>]) -> Reply {
    server.connect().request("POST", "/predictions", &[TYPE], &body(parts)).expect("an answer")
}

/// A server whose temporary files are in a folder of their own.
fn with_folder(model: &str, environment: &[(&str, &str)]) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let place = [("TMPDIR", folder.path().to_str().expect("UTF-8"))];
    let server = Server::with(model, &[&place, environment].concat());
    (server, folder)
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).expect("it is there").next().is_none()
}

#[test]
fn each_part_is_an_input_and_files_keep_their_names() {
    let (server, folder) = with_folder("filein", &[]);
    let reply = send(
        &server,
        &[
            File("path", "../photo 1.png", b"first"),
            File("paths", "a.txt", b"second"),
            File("paths", "a.txt", b"third"),
            Text("file", "data:,fourth"),
            Text("text", "12"),
        ],
    )
    .json();
    let output = &reply["output"];
    assert_eq!(output["path"]["body"], "first", "{reply}");
    assert!(output["path"]["tail"].as_str().is_some_and(|tail| tail.ends_with("/photo 1.png")), "{reply}");
    assert_eq!(output["paths"], json!([["Path", "second"], ["Path", "third"]]));
    assert_eq!(output["file"]["body"], "fourth");
    assert_eq!(output["text"], "12");
    server.wait_until("the files are deleted", || is_empty(folder.path()));
}

#[test]
fn texts_become_what_their_inputs_are() {
    let server = Server::of("inputs");
    let reply = send(
        &server,
        &[
            Text("name", "Ada"),
            Text("count", "7"),
            Text("flag", "true"),
            Text("tags", "one"),
            Text("tags", "two"),
            Text("params", "{\"a\": 1}"),
            Text("prompt", "p"),
        ],
    )
    .json();
    let output = &reply["output"];
    assert_eq!(output["count"], 7, "{reply}");
    assert_eq!(output["flag"], true);
    assert_eq!(output["tags"], json!(["one", "two"]));
    assert_eq!(output["params"], json!({"a": 1}));
    let reply = send(&server, &[Text("count", "many")]);
    assert_eq!(reply.status, 422, "{}", reply.text());
}

#[test]
fn the_rest_of_the_envelope_has_a_part_of_its_own() {
    let server = Server::of("filein");
    let envelope = json!({"id": "form/1", "input": {"text": "from the envelope"}}).to_string();
    let reply = send(&server, &[Text("envelope", &envelope), File("path", "x", b"y")]).json();
    assert_eq!(reply["id"], "form/1");
    assert_eq!(reply["output"]["text"], "from the envelope");
    assert_eq!(reply["output"]["path"]["body"], "y");
    assert_eq!(send(&server, &[Text("envelope", "no JSON")]).status, 422);
}

#[test]
fn what_is_wrong_with_a_form_is_said_and_nothing_is_left_of_it() {
    let (server, folder) = with_folder("filein", &[("COG_INPUT_FILE_LIMIT", "1000")]);
    for (parts, status, words) in [
        (vec![File("text", "x", b"y")], 422, "this input is none"),
        (vec![File("path", "x", b"y"), File("path", "x", b"y")], 422, "this input is one"),
        (vec![File("path", "x", b"y"), Text("path", "data:,")], 422, "both"),
        (vec![File("path", "x", &[0; 2000])], 413, "over 1000 bytes"),
        (vec![File("path", "x", b"y"), Text("text", "\u{0}"), Text("paths", "1")], 200, "failed"),
    ] {
        let reply = send(&server, &parts);
        assert_eq!(reply.status, status, "{}", reply.text());
        assert!(reply.text().contains(words), "{words}: {}", reply.text());
    }
    let damaged = body(&[File("path", "x", b"y")]);
    let reply = server.connect().request("POST", "/predictions", &[TYPE], &damaged[..damaged.len() - 10]);
    let reply = reply.expect("an answer");
    assert_eq!(reply.status, 400, "{}", reply.text());
    // What stands for a file in one request is nothing in another.
    let reply = server.predict(&json!({"path": "attached:0/x"})).json();
    assert_eq!(reply["status"], "failed");
    assert!(
        reply["error"].as_str().is_some_and(|error| error.contains("no http, https or data URL")),
        "{reply}"
    );
    server.wait_until("the files are deleted", || is_empty(folder.path()));
    assert_eq!(server.health().as_deref(), Some("READY"));
}

#[test]
fn a_client_that_hangs_up_in_the_middle_leaves_nothing() {
    let (server, folder) = with_folder("filein", &[]);
    let form = body(&[File("path", "x", &vec![7; 1 << 20])]);
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).expect("it listens");
    let head = format!(
        "POST /predictions HTTP/1.1\r\nhost: x\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
        TYPE.1,
        form.len()
    );
    stream.write_all(head.as_bytes()).expect("it reads");
    stream.write_all(&form[..form.len() / 2]).expect("it reads");
    server.wait_until("the file comes", || !is_empty(folder.path()));
    drop(stream);
    server.wait_until("the files are deleted", || is_empty(folder.path()));
    assert_eq!(send(&server, &[File("path", "x", b"y")]).json()["status"], "succeeded");
}

#[test]
fn a_large_file_passes_through_in_little_memory() {
    let (server, _folder) = with_folder("filein", &[]);
    let memory = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux says");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number")
    };
    send(&server, &[File("path", "x", b"y")]);
    let before = memory();
    let reply = send(&server, &[File("path", "large.bin", &vec![b'a'; 200 << 20])]);
    assert_eq!(reply.json()["output"]["path"]["body"], Value::from("a".repeat(200)), "{}", reply.text());
    let grown = memory() - before;
    assert!(grown < 32 << 10, "the server's memory grew by {grown} KiB");
}

#[test]
fn a_form_that_is_all_heads_and_no_parts_is_refused_before_it_takes_memory() {
    let server = Server::of("echo");
    let before = server.memory();
    let endless = format!("--{BOUNDARY}\r\nx-head: {}", "x".repeat(64 << 20)).into_bytes();
    let empty_parts = body(&vec![Text("text", ""); 200_000]);
    for form in [endless, empty_parts] {
        let reply = server.connect().request("POST", "/predictions", &[TYPE], &form).expect("an answer");
        assert_eq!(reply.status, 413, "{}", reply.text());
    }
    assert!(server.memory() < before + (64 << 20), "{} MiB", server.memory() >> 20);
    assert_eq!(server.predict(&json!({ "text": "x" })).status, 200);
}
