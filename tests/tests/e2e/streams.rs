//! Events as they come, for readers of every kind.

use std::time::Duration;

use cog_tests::{Connection, Event, Server};
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");
const EVENTS: (&str, &str) = ("accept", "text/event-stream");

/// Begins to read the events of a new prediction.
fn stream(server: &Server, body: &Value) -> Connection {
    let mut connection = server.connect();
    connection
        .send("POST", "/predictions", &[JSON, EVENTS], body.to_string().as_bytes())
        .expect("a request can be sent");
    assert_eq!(connection.events().expect("an answer"), 200);
    connection
}

/// Begins to read the events of a prediction that is there already.
fn join(server: &Server, id: &str, after: Option<u64>) -> (u16, Connection) {
    let mut connection = server.connect();
    let after = after.map(|id| id.to_string());
    let mut headers = vec![EVENTS];
    headers.extend(after.as_deref().map(|id| ("last-event-id", id)));
    connection.send("GET", &format!("/predictions/{id}"), &headers, b"").expect("a request can be sent");
    let status = connection.events().expect("an answer");
    (status, connection)
}

fn rest(connection: &mut Connection) -> Vec<Event> {
    std::iter::from_fn(|| connection.event().expect("a whole stream")).collect()
}

fn begin(server: &Server, id: &str, input: &Value) {
    let body = json!({ "id": id, "input": input }).to_string();
    let reply = server
        .connect()
        .request("POST", "/predictions", &[JSON, ("prefer", "respond-async")], body.as_bytes())
        .expect("an answer");
    assert_eq!(reply.status, 202, "{}", reply.text());
}

#[test]
fn pieces_are_read_while_the_model_still_runs() {
    let server = Server::of("stream");
    let mut reader = stream(&server, &json!({ "id": "p", "input": { "n": 3, "delay": 2.0 } }));
    let first = std::iter::from_fn(|| reader.event().expect("an event")).find(|event| event.name == "output");
    let now = server.get("/predictions/p").json();
    assert_eq!(now["status"], "processing", "the first piece came before the end");
    assert_eq!(first.expect("a piece").data, json!({ "chunk": "tok0 ", "index": 0 }));
    let last = rest(&mut reader).pop().expect("a last word");
    assert_eq!(
        (last.name.as_str(), &last.data["output"]),
        ("completed", &json!(["tok0 ", "tok1 ", "tok2 "]))
    );
}

#[test]
fn an_asynchronous_generator_streams_while_it_runs_too() {
    let server = Server::of("asyncstream");
    let mut reader = stream(&server, &json!({ "id": "a", "input": {} }));
    let first = std::iter::from_fn(|| reader.event().expect("an event")).find(|event| event.name == "output");
    assert!(first.is_some());
    let now = server.get("/predictions/a").json();
    assert_eq!(now["status"], "processing", "the first piece came before the end");
}

#[test]
fn a_reader_that_lost_the_line_goes_on_where_it_was() {
    let server = Server::of("stream");
    begin(&server, "p", &json!({ "n": 6, "delay": 0.2 }));
    let (_, mut reader) = join(&server, "p", None);
    let mut seen: Vec<Event> = (0..4).map(|_| reader.event().expect("an event").expect("more")).collect();
    drop(reader);
    let (_, mut reader) = join(&server, "p", seen.last().and_then(|event| event.id));
    seen.extend(rest(&mut reader));
    // The same as somebody reads who comes when all is over.
    let (_, mut late) = join(&server, "p", None);
    assert_eq!(seen, rest(&mut late));
    let ids: Vec<u64> = seen.iter().filter_map(|event| event.id).collect();
    assert_eq!(ids, (0..seen.len() as u64).collect::<Vec<_>>());
    // And who has read it all is told that there is no more.
    assert_eq!(join(&server, "p", ids.last().copied()).0, 204);
}

#[test]
fn a_slow_reader_loses_nothing_and_holds_up_nobody() {
    let server = Server::of("bigstream");
    let mut slow = stream(&server, &json!({ "input": { "n": 300, "size": 65_536 } }));
    // The model is done, and the next prediction too, before the slow reader has read a tenth.
    server.wait_for_health("READY");
    let next = server.predict(&json!({ "n": 1, "size": 1 }));
    assert_eq!(next.json()["status"], "succeeded");
    let mut pieces = 0;
    while let Some(event) = slow.event().expect("a whole stream") {
        assert_ne!(event.name, "error");
        pieces += u32::from(event.name == "output");
        if pieces < 20 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    assert_eq!(pieces, 300);
}

#[test]
fn a_thousand_readers_get_everything_in_bounded_memory() {
    // The server inherits it.
    cog_tests::allow_many_files();
    let server = Server::of("stream");
    begin(&server, "p", &json!({ "n": 40, "delay": 0.1 }));
    let mut readers: Vec<Connection> = (0..1000).map(|_| join(&server, "p", None).1).collect();
    for reader in &mut readers {
        let events = rest(reader);
        assert_eq!(events.iter().filter(|event| event.name == "output").count(), 40);
    }
    let metrics = server.get("/metrics").text();
    let memory = metrics
        .lines()
        .find_map(|line| line.strip_prefix("cog_resident_memory_bytes{process=\"supervisor\"} "))
        .and_then(|bytes| bytes.parse::<u64>().ok())
        .expect("the supervisor's memory");
    assert!(memory < 200 << 20, "{} MiB after 1,000 streams", memory >> 20);
}

#[test]
fn a_prediction_is_told_of_by_its_id_while_it_runs_and_after() {
    let server = Server::of("stream");
    begin(&server, "a b", &json!({ "n": 2, "delay": 0.3 }));
    let running = server.get("/predictions/a%20b");
    assert_eq!(running.status, 200);
    assert_eq!(running.json()["status"], "processing");
    server.wait_for_health("READY");
    let ended = server.get("/predictions/a%20b").json();
    assert_eq!(ended["status"], "succeeded");
    assert_eq!(ended["output"], json!(["tok0 ", "tok1 "]));
    assert_eq!(ended["input"], json!({ "n": 2, "delay": 0.3 }));
    assert_eq!(server.get("/predictions/other").status, 404);
}

#[test]
fn a_secret_is_shown_to_nobody_who_asks() {
    let server = Server::of("secret");
    begin(&server, "s", &json!({ "token": "hunter2", "seconds": 0.0 }));
    server.wait_for_health("READY");
    let shown = server.get("/predictions/s").text();
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn only_so_many_ended_predictions_are_kept() {
    let server = Server::with("echo", &[("COG_FINISHED_LIMIT", "2")]);
    let mut connection = server.connect();
    for id in ["a", "b", "c"] {
        connection.post("/predictions", &json!({ "id": id, "input": { "text": id } })).expect("an answer");
    }
    let found = ["a", "b", "c"].map(|id| server.get(&format!("/predictions/{id}")).status);
    assert_eq!(found, [404, 200, 200]);
}

#[test]
fn one_value_is_no_stream() {
    let server = Server::of("echo");
    let body = json!({ "input": { "text": "x" } }).to_string();
    let reply = server
        .connect()
        .request("POST", "/predictions", &[JSON, EVENTS], body.as_bytes())
        .expect("an answer");
    assert_eq!(reply.status, 406);
    assert!(reply.json()["error"].is_string());
}
