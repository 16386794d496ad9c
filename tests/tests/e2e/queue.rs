//! More predictions than slots, and predictions that take too long.

use std::time::{Duration, Instant};

use cog_tests::{Connection, Server};
use serde_json::{Value, json};

fn send(server: &Server, seconds: f64, headers: &[(&str, &str)]) -> Connection {
    let mut connection = server.connect();
    let body = json!({ "input": { "seconds": seconds } }).to_string();
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    connection.send("POST", "/predictions", &all, body.as_bytes()).expect("a request can be sent");
    connection
}

fn status(connection: &mut Connection) -> (u16, Value) {
    let reply = connection.reply().expect("an answer");
    (reply.status, reply.json()["status"].clone())
}

#[test]
fn without_a_queue_the_second_is_told_to_come_back() {
    let server = Server::of("slow");
    let mut first = send(&server, 2.0, &[]);
    server.wait_for_health("BUSY");
    let reply = send(&server, 0.0, &[]).reply().expect("an answer");
    assert_eq!(reply.status, 409);
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(status(&mut first), (200, json!("succeeded")));
}

#[test]
fn a_queue_serves_all_in_the_order_they_came() {
    let server = Server::with("slow", &[("COG_QUEUE_LIMIT", "8")]);
    let mut waiting: Vec<Connection> = Vec::new();
    for _ in 0..5 {
        waiting.push(send(&server, 0.5, &[]));
        std::thread::sleep(Duration::from_millis(50));
    }
    let answer = |mut connection: Connection| {
        let answer = status(&mut connection);
        (answer, Instant::now())
    };
    let waiting: Vec<_> =
        waiting.into_iter().map(|connection| std::thread::spawn(move || answer(connection))).collect();
    let answers: Vec<_> = waiting.into_iter().map(|thread| thread.join().expect("an answer")).collect();
    assert!(answers.iter().all(|(answer, _)| *answer == (200, json!("succeeded"))), "{answers:?}");
    assert!(answers.is_sorted_by_key(|(_, at)| *at), "{answers:?}");
}

#[test]
fn a_full_queue_refuses_and_a_cancelled_wait_makes_room() {
    let server = Server::with("slow", &[("COG_QUEUE_LIMIT", "1")]);
    let mut first = send(&server, 2.0, &[]);
    server.wait_for_health("BUSY");
    let second = send(&server, 0.0, &[]);
    server.wait_until("one waits", || server.get("/metrics").text().contains("\ncog_queue_depth 1\n"));
    assert_eq!(status(&mut send(&server, 0.0, &[])).0, 409);
    // Who hangs up waits no longer.
    drop(second);
    server.wait_until("nobody waits", || server.get("/metrics").text().contains("\ncog_queue_depth 0\n"));
    let mut third = send(&server, 0.0, &[]);
    assert_eq!(status(&mut first), (200, json!("succeeded")));
    assert_eq!(status(&mut third), (200, json!("succeeded")));
}

#[test]
fn who_says_how_long_they_wait_waits_that_long() {
    let server = Server::of("slow");
    let mut first = send(&server, 2.5, &[]);
    server.wait_for_health("BUSY");
    let start = Instant::now();
    assert_eq!(status(&mut send(&server, 0.0, &[("prefer", "wait=1")])).0, 409);
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(status(&mut send(&server, 0.0, &[("prefer", "wait=30")])), (200, json!("succeeded")));
    assert_eq!(status(&mut first), (200, json!("succeeded")));
}

#[test]
fn a_prediction_ends_when_its_caller_said() {
    let server = Server::of("slow");
    let start = Instant::now();
    assert_eq!(status(&mut send(&server, 30.0, &[("cancel-after", "1s")])), (200, json!("canceled")));
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(send(&server, 0.0, &[("cancel-after", "soon")]).reply().expect("an answer").status, 400);
}

#[test]
fn a_prediction_that_runs_too_long_fails_with_the_reason_and_frees_its_slot() {
    let server = Server::with("slow", &[("COG_PREDICT_TIMEOUT", "1")]);
    let reply = send(&server, 30.0, &[]).reply().expect("an answer").json();
    assert_eq!(reply["status"], "failed");
    assert!(reply["error"].as_str().is_some_and(|error| error.contains("COG_PREDICT_TIMEOUT")), "{reply}");
    assert_eq!(status(&mut send(&server, 0.0, &[])), (200, json!("succeeded")));
}
