//! Predictions that are made together.

use std::time::{Duration, Instant};

use cog_tests::{Connection, Reply, Server};
use serde_json::{Value, json};

fn send(server: &Server, input: Value, headers: &[(&str, &str)]) -> Connection {
    let mut connection = server.connect();
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    let body = json!({ "input": input }).to_string();
    connection.send("POST", "/predictions", &all, body.as_bytes()).expect("a request can be sent");
    connection
}

/// Keeps the model busy, so that whatever is sent meanwhile comes together. After a batch of several the first of the
/// next one waits for company; it has to be over with that.
fn busy(server: &Server) -> Connection {
    let first = send(server, json!({"text": "first", "seconds": 1.5}), &[]);
    server.wait_until("the first batch runs", || {
        server.get("/metrics").text().contains("\ncog_batch_size_count 1\n")
            || server.get("/metrics").text().contains("\ncog_slots_in_use 1\n")
    });
    std::thread::sleep(Duration::from_millis(700));
    first
}

fn answer(mut connection: Connection) -> Reply {
    connection.reply().expect("an answer")
}

fn output(connection: Connection) -> Value {
    answer(connection).json()["output"].clone()
}

#[test]
fn what_comes_while_the_model_is_busy_is_made_by_one_call() {
    let server = Server::of("batch");
    let first = busy(&server);
    let others: Vec<_> = (0..4).map(|n| send(&server, json!({"text": format!("{n}")}), &[])).collect();
    assert_eq!(output(first), "first, of 1");
    for (number, reply) in others.into_iter().map(answer).enumerate() {
        let reply = reply.json();
        assert_eq!(reply["output"], format!("{number}, of 4"));
        assert_eq!(reply["logs"], format!("{number} is one of 4\n"));
    }
    let metrics = server.get("/metrics").text();
    for line in ["cog_batch_size_bucket{le=\"1\"} 1", "cog_batch_size_bucket{le=\"4\"} 2", "cog_slots 8"] {
        assert!(metrics.lines().any(|found| found == line), "{line} is missing in\n{metrics}");
    }
}

#[test]
fn who_is_alone_does_not_wait_for_others() {
    let server = Server::of("batch");
    let start = Instant::now();
    for _ in 0..10 {
        assert_eq!(server.predict(&json!({"text": "alone"})).json()["output"], "alone, of 1");
    }
    // Each would wait for 0.3 s.
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn an_error_is_that_of_one_and_a_panic_that_of_all() {
    let server = Server::of("batch");
    for (mode, others, error) in [
        ("fail", "succeeded", "odd fails"),
        ("panic", "failed", "one of them wanted a panic"),
        ("forget", "failed", "`predict` gave 2 answers for a batch of 3"),
    ] {
        let first = busy(&server);
        let odd = send(&server, json!({"text": "odd", "mode": mode}), &[]);
        let others = [(); 2].map(|()| send(&server, json!({"text": "even"}), &[])).map(|sent| (sent, others));
        assert_eq!(answer(first).status, 200);
        let odd = answer(odd).json();
        assert_eq!(odd["status"], "failed", "{mode}: {odd}");
        assert!(odd["error"].as_str().is_some_and(|text| text.contains(error)), "{mode}: {odd}");
        for (sent, status) in others {
            let other = answer(sent).json();
            assert_eq!(other["status"], status, "{mode}: {other}");
        }
    }
    assert_eq!(server.predict(&json!({"text": "still"})).json()["output"], "still, of 1");
}

#[test]
fn each_has_a_cancel_and_a_deadline_of_its_own() {
    let server = Server::of("batch");
    let first = busy(&server);
    let start = Instant::now();
    let patient = send(&server, json!({"text": "patient", "seconds": 10.0}), &[]);
    let hurried = send(&server, json!({"text": "hurried"}), &[("cancel-after", "2s")]);
    let cancelled = send(&server, json!({"text": "cancelled"}), &[("prefer", "respond-async")]);
    let cancelled = answer(cancelled).json();
    let id = cancelled["id"].as_str().expect("an id").to_owned();
    assert_eq!(output(first), "first, of 1");
    // They are being made together by now, and the two need not wait for the third.
    std::thread::sleep(Duration::from_millis(500));
    let cancel = server.connect().request("POST", &format!("/predictions/{id}/cancel"), &[], b"");
    assert_eq!(cancel.expect("an answer").status, 200);
    assert_eq!(answer(hurried).json()["status"], "canceled");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    assert_eq!(server.get(&format!("/predictions/{id}")).json()["status"], "canceled");
    assert_eq!(output(patient), "patient, of 3");
    assert_eq!(server.workers().len(), 1);
}

#[test]
fn a_batch_that_nobody_wants_any_more_is_stopped_with_its_worker() {
    let server = Server::with("batch", &[("COG_CANCEL_GRACE", "0.5")]);
    let worker = server.workers();
    let start = Instant::now();
    let reply = answer(send(&server, json!({"text": "stuck", "seconds": 60.0}), &[("cancel-after", "1s")]));
    assert_eq!(reply.json()["status"], "canceled");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    server.wait_until("another worker is ready", || {
        server.workers() != worker && server.health().as_deref() == Some("READY")
    });
    assert_eq!(server.predict(&json!({"text": "again"})).json()["output"], "again, of 1");
}
