//! Ids of any bytes: a name for a prediction, and nothing else.

use cog_tests::{Receiver, Reply, Server};
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");

fn odd() -> Vec<String> {
    let mut odd: Vec<String> = [
        "",
        " ",
        "\0",
        "a\nb",
        "\r\n\r\n",
        "\u{7f}\u{1b}[31m",
        "../../x",
        "/etc/passwd",
        "..",
        ".",
        "a/b",
        "%2e%2e",
        "é",
        "\u{202e}\u{feff}",
        "'; --",
        "\"}",
        "?a=b#c",
        "CON",
        "-rf",
    ]
    .map(str::to_owned)
    .to_vec();
    odd.push("x".repeat(300));
    odd.push("é".repeat(512));
    odd
}

fn encoded(id: &str) -> String {
    id.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn put(server: &Server, path: &str, body: &Value) -> Reply {
    let body = body.to_string();
    server.connect().request("PUT", path, &[JSON], body.as_bytes()).expect("an answer")
}

#[test]
fn an_id_is_kept_as_it_is_and_takes_no_slot_along() {
    let server = Server::of("echo");
    for id in odd() {
        let body = json!({ "id": id, "input": { "text": "x" } });
        let reply = server.connect().post("/predictions", &body).expect("an answer");
        assert_eq!((reply.status, &reply.json()["id"]), (200, &json!(id)), "{id:?}: {}", reply.text());
        if id.is_empty() {
            continue;
        }
        let path = format!("/predictions/{}", encoded(&id));
        let reply = put(&server, &path, &body);
        assert_eq!((reply.status, &reply.json()["id"]), (200, &json!(id)), "{id:?}: {}", reply.text());
        assert_eq!(server.get(&path).json()["id"], json!(id));
        let cancel = server.connect().request("POST", &format!("{path}/cancel"), &[], b"");
        assert_eq!(cancel.expect("an answer").status, 404);
    }
    assert!(server.get("/metrics").text().contains("\ncog_slots_in_use 0\n"));
}

#[test]
fn an_id_makes_no_file_and_no_folder() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (inside, outbox) = (folder.path().join("a/b/tmp"), folder.path().join("a/b/outbox"));
    std::fs::create_dir_all(&inside).expect("a folder can be made");
    let place = |path: &std::path::Path| path.to_str().expect("UTF-8").to_owned();
    let receiver = Receiver::answering(|_| 200);
    let environment =
        [("TMPDIR", &*place(&inside)), ("COG_WEBHOOK_OUTBOX", &*place(&outbox)), ("COG_QUEUE_LIMIT", "99")];
    let server = Server::with("filein", &environment);
    for id in odd() {
        let body = json!({ "id": id, "input": { "path": "data:,x" }, "webhook": receiver.url("/") });
        let reply = server.connect().post("/predictions", &body).expect("an answer");
        assert_eq!(reply.json()["status"], "succeeded", "{id:?}: {}", reply.text());
    }
    server.wait_until("everything is cleared away", || {
        let left = |path: &std::path::Path| std::fs::read_dir(path).map_or(0, Iterator::count);
        left(&inside) == 0 && left(&folder.path().join("a")) == 1 && left(folder.path()) == 1
    });
    let told = receiver.wait_until("all webhooks came", |told| {
        told.iter().filter(|told| told.json()["status"] == "succeeded").count() >= odd().len()
    });
    for id in odd() {
        assert!(told.iter().any(|told| told.json()["id"] == json!(id)), "{id:?}");
    }
}

#[test]
fn an_id_that_is_no_text_or_endless_is_refused() {
    let server = Server::of("echo");
    let body = json!({ "input": { "text": "x" } });
    for path in ["/predictions/%ff", "/predictions/%c3%28", "/predictions/a%80b"] {
        assert_eq!(put(&server, path, &body).status, 400, "{path}");
        assert_eq!(server.get(path).status, 400, "{path}");
    }
    let long = "x".repeat(1025);
    let reply = put(&server, &format!("/predictions/{long}"), &body);
    assert_eq!((reply.status, &reply.json()["detail"][0]["loc"]), (422, &json!(["body", "id"])));
    let body = json!({ "id": "x".repeat(1 << 20), "input": { "text": "x" } });
    assert_eq!(server.connect().post("/predictions", &body).expect("an answer").status, 422);
    assert_eq!(server.predict(&json!({ "text": "x" })).status, 200);
}

#[test]
fn an_id_makes_no_entry_of_its_own_in_the_log() {
    let server = Server::with("echo", &[("LOG_FORMAT", "console")]);
    let body = json!({ "id": "a\n1970-01-01T00:00:00Z ERROR cog: forged", "input": { "text": "x", "y": 1 } });
    assert_eq!(server.connect().post("/predictions", &body).expect("an answer").status, 200);
    Server::signal(server.id(), rustix::process::Signal::TERM);
    let ended = server.finish_within(std::time::Duration::from_secs(20)).exits(0);
    assert!(ended.messages().contains("forged"), "{ended}");
    assert!(ended.messages().lines().all(|line| !line.starts_with("1970")), "{ended}");
}
