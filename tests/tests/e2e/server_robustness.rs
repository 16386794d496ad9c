//! A model's server under bad weather.

use std::time::{Duration, Instant};

use cog_tests::{Connection, Server, processes};
use rustix::process::Signal;
use serde_json::{Value, json};

/// A prediction that was asked for, and whose answer is still to be read.
fn asked(server: &Server, input: &Value) -> Connection {
    let mut connection = server.connect();
    let body = json!({ "input": input }).to_string();
    let headers = [("content-type", "application/json")];
    connection.send("POST", "/predictions", &headers, body.as_bytes()).expect("a request can be sent");
    connection
}

#[test]
fn a_killed_worker_costs_its_prediction_and_nothing_else() {
    let server = Server::of("slow");
    let mut connection = server.connect();
    let body = json!({ "input": { "seconds": 30.0 } }).to_string();
    connection
        .send("POST", "/predictions", &[("content-type", "application/json")], body.as_bytes())
        .expect("a request can be sent");
    server.wait_for_health("BUSY");
    for worker in server.workers() {
        Server::signal(worker, Signal::KILL);
    }
    let failed = connection.reply().expect("an answer");
    assert_eq!(failed.status, 200);
    assert_eq!(failed.json()["status"], "failed");
    let error = failed.json()["error"].as_str().expect("a failure has a cause").to_lowercase();
    assert!(error.contains("kill"), "the cause: {error}");
    server.wait_for_health("READY");
    for _ in 0..3 {
        let reply = server.predict(&json!({ "seconds": 0.0 }));
        assert_eq!(reply.json()["status"], "succeeded", "{}", reply.text());
    }
    assert!(server.zombies().is_empty(), "the dead are reaped");
}

#[test]
fn a_worker_killed_at_rest_comes_back() {
    let server = Server::of("echo");
    let before = server.workers();
    assert!(!before.is_empty(), "the model lives in a process of its own");
    for worker in &before {
        Server::signal(*worker, Signal::KILL);
    }
    server.wait_until("another worker lives", || {
        let now = server.workers();
        !now.is_empty() && now.iter().all(|worker| !before.contains(worker))
    });
    server.wait_for_health("READY");
    assert_eq!(server.predict(&json!({ "text": "x" })).json()["status"], "succeeded");
    assert!(server.zombies().is_empty(), "the dead are reaped");
}

#[test]
fn a_crash_of_the_model_is_answered_with_its_cause() {
    let server = Server::of("crash");
    let exited = server.predict(&json!({ "kind": "exit", "wait": 0.0 }));
    assert_eq!((exited.status, exited.json()["status"].as_str()), (200, Some("failed")));
    let error = exited.json()["error"].to_string();
    assert!(error.contains('7'), "it exited with 7: {error}");
    assert!(exited.json()["logs"].as_str().is_some_and(|logs| logs.contains("going to crash")), "logs stay");
    server.wait_for_health("READY");
    let alive = server.predict(&json!({ "kind": "none", "wait": 0.0 }));
    assert_eq!(alive.json()["output"], "alive", "{}", alive.text());
    let crashed = server.predict(&json!({ "kind": "segv", "wait": 0.0 })).json();
    let error = crashed["error"].as_str().unwrap_or_default().to_lowercase();
    assert!(error.contains("sigsegv") || error.contains("segmentation"), "{error}");
}

#[test]
fn three_deaths_in_a_row_make_it_defunct() {
    let server = Server::of("crash");
    for death in 0..3 {
        server.wait_until(&format!("it can die for the {death}. time"), || {
            server.predict(&json!({ "kind": "exit", "wait": 0.0 })).status == 200
        });
    }
    server.wait_for_health("DEFUNCT");
    assert_eq!(server.predict(&json!({ "kind": "none" })).status, 503);
    assert_eq!(server.get("/health-check").status, 200);
}

#[test]
fn those_who_wait_when_it_becomes_defunct_are_told() {
    let server = Server::with("crash", &[("COG_QUEUE_LIMIT", "16")]);
    let mut waiting = vec![asked(&server, &json!({ "kind": "exit", "wait": 3.0 }))];
    server.wait_for_health("BUSY");
    waiting.extend((0..7).map(|_| asked(&server, &json!({ "kind": "exit", "wait": 0.0 }))));
    server.wait_until("seven wait", || server.get("/metrics").text().contains("\ncog_queue_depth 7\n"));
    for mut connection in waiting {
        let reply = connection.reply().expect("an answer");
        assert_eq!(
            (reply.status, reply.json()["status"].as_str()),
            (200, Some("failed")),
            "{}",
            reply.text()
        );
    }
    server.wait_for_health("DEFUNCT");
}

#[test]
fn those_who_wait_when_it_is_shut_down_are_told() {
    let environment = [("COG_QUEUE_LIMIT", "4"), ("COG_SHUTDOWN_GRACE", "1")];
    let server = Server::with("slow", &environment);
    let mut waiting: Vec<Connection> =
        (0..3).map(|_| asked(&server, &json!({ "seconds": 60.0, "mode": "block" }))).collect();
    server.wait_until("two wait", || server.get("/metrics").text().contains("\ncog_queue_depth 2\n"));
    Server::signal(server.id(), Signal::TERM);
    for connection in &mut waiting {
        let reply = connection.reply().expect("an answer");
        let error = reply.json()["error"].to_string();
        assert!(error.contains("the server was shut down"), "{} {}", reply.status, reply.text());
    }
    server.finish_within(Duration::from_secs(10)).leaves_nothing_running();
}

#[test]
fn a_killed_supervisor_leaves_no_worker() {
    let server = Server::of("slow");
    let workers = server.workers();
    assert!(!workers.is_empty(), "the model lives in a process of its own");
    let _connection = asked(&server, &json!({ "seconds": 60.0, "mode": "block" }));
    server.wait_for_health("BUSY");
    Server::signal(server.id(), Signal::KILL);
    server.finish_within(Duration::from_secs(10)).leaves_nothing_running();
    for worker in workers {
        assert!(matches!(processes::state(worker), None | Some('Z')), "worker {worker} lives on");
    }
}

#[test]
fn a_body_of_a_hundred_mebibytes_is_refused_and_the_next_request_served() {
    let server = Server::of("echo");
    let body = format!(r#"{{"input":{{"text":"{}"}}}}"#, "x".repeat(100 << 20));
    let headers = [("content-type", "application/json")];
    let reply = server.connect().request("POST", "/predictions", &headers, body.as_bytes());
    assert_eq!(reply.expect("an answer").status, 413);
    assert_eq!(server.predict(&json!({ "text": "x" })).status, 200);
}

#[test]
fn a_body_a_little_below_the_limit_is_served() {
    let server = Server::of("echo");
    let text = "x".repeat(40 << 20);
    let reply = server.predict(&json!({ "text": text }));
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["output"].as_str().map(str::len), Some(text.len() + "hello ".len()));
}

#[test]
fn a_body_that_is_not_utf_8_is_a_client_error() {
    let server = Server::of("echo");
    let headers = [("content-type", "application/json")];
    let reply =
        server.connect().request("POST", "/predictions", &headers, b"{\"input\":{\"text\":\"\xff\"}}");
    assert_eq!(reply.expect("an answer").status, 400);
}

#[test]
fn a_wrong_input_is_a_422_that_names_it() {
    let server = Server::of("inputs");
    let reply = server.predict(&json!({ "count": 11 }));
    assert_eq!(reply.status, 422);
    let detail = reply.json()["detail"].clone();
    assert_eq!(detail[0]["loc"], json!(["body", "input", "count"]));
    assert_eq!(detail[0]["msg"], "11 is greater than the maximum of 10");
    assert_eq!(detail[1]["loc"], json!(["body", "input", "prompt"]));
    assert_eq!(detail[1]["msg"], "Field required");
}

#[test]
fn a_client_that_hangs_up_frees_the_slot() {
    let server = Server::of("slow");
    let mut connection = server.connect();
    let body = json!({ "input": { "seconds": 60.0 } }).to_string();
    connection
        .send("POST", "/predictions", &[("content-type", "application/json")], body.as_bytes())
        .expect("a request can be sent");
    server.wait_for_health("BUSY");
    drop(connection);
    server.wait_for_health("READY");
}

#[test]
fn a_full_server_says_so() {
    let server = Server::of("slow");
    let mut connection = server.connect();
    let body = json!({ "input": { "seconds": 60.0 } }).to_string();
    connection
        .send("POST", "/predictions", &[("content-type", "application/json")], body.as_bytes())
        .expect("a request can be sent");
    server.wait_for_health("BUSY");
    assert_eq!(server.predict(&json!({ "seconds": 0.0 })).status, 409);
}

#[test]
fn sigterm_ends_an_idle_server_at_once() {
    let server = Server::of("echo");
    let told = Instant::now();
    Server::signal(server.id(), Signal::TERM);
    server.finish_within(Duration::from_secs(10)).exits(0).leaves_nothing_running();
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
}

#[test]
fn sigterm_lets_a_running_prediction_finish() {
    let server = Server::of("slow");
    let mut connection = server.connect();
    let body = json!({ "input": { "seconds": 2.0 } }).to_string();
    connection
        .send("POST", "/predictions", &[("content-type", "application/json")], body.as_bytes())
        .expect("a request can be sent");
    server.wait_for_health("BUSY");
    Server::signal(server.id(), Signal::TERM);
    let reply = connection.reply().expect("an answer");
    assert_eq!(reply.json()["status"], "succeeded", "{}", reply.text());
    server.finish_within(Duration::from_secs(10)).exits(0).leaves_nothing_running();
}

#[test]
fn shutdown_over_http_ends_it() {
    let server = Server::of("echo");
    let reply = server.connect().request("POST", "/shutdown", &[], b"").expect("an answer");
    assert_eq!((reply.status, reply.json()), (200, json!({})));
    server.finish_within(Duration::from_secs(10)).exits(0).leaves_nothing_running();
}

#[test]
fn a_server_listens_while_its_model_sets_up_or_has_failed_to() {
    let server = Server::started("echo", &[]);
    server.wait_until("it listens", || Connection::open(server.port()).is_ok());
    assert!(server.health().is_some());
}
