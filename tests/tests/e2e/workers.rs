//! Several processes that hold the model, and how each gets ready.

use std::collections::BTreeSet;

use cog_tests::{Connection, Reply, Server};
use serde_json::{Value, json};

fn send(server: &Server, input: &Value) -> Connection {
    let mut connection = server.connect();
    let body = json!({ "input": input }).to_string();
    let headers = [("content-type", "application/json")];
    connection.send("POST", "/predictions", &headers, body.as_bytes()).expect("a request can be sent");
    connection
}

fn answer(mut connection: Connection) -> Reply {
    connection.reply().expect("an answer")
}

fn with_two(environment: &[(&str, &str)]) -> Server {
    let server = Server::with("which", environment);
    wait_for_two(&server);
    server
}

fn wait_for_two(server: &Server) {
    server.wait_until("both are ready", || server.get("/metrics").text().contains("\ncog_slots 2\n"));
}

#[test]
fn two_workers_take_turns_and_know_who_they_are() {
    let server = with_two(&[("COG_WORKERS", "2")]);
    let both = [(); 2].map(|()| send(&server, &json!({"seconds": 1.0})));
    assert_eq!(send(&server, &json!({})).reply().expect("an answer").status, 409);
    let both = both.map(answer).map(|reply| reply.json()["output"].clone());
    let workers: BTreeSet<_> = both.iter().map(|place| place["worker"].to_string()).collect();
    assert_eq!(workers.into_iter().collect::<Vec<_>>(), ["\"0\"", "\"1\""], "{both:?}");
    assert_ne!(both[0]["process"], both[1]["process"]);
}

#[test]
fn each_gpu_has_a_worker_that_sees_no_other() {
    let server = with_two(&[("COG_WORKERS", "per-gpu"), ("CUDA_VISIBLE_DEVICES", "3,GPU-5")]);
    let both = [(); 2].map(|()| send(&server, &json!({"seconds": 1.0})));
    let gpus: BTreeSet<_> =
        both.map(answer).iter().map(|reply| reply.json()["output"]["gpu"].to_string()).collect();
    assert_eq!(gpus.into_iter().collect::<Vec<_>>(), ["\"3\"", "\"GPU-5\""]);
}

#[test]
fn without_a_gpu_there_is_one_worker() {
    let server = Server::with("which", &[("COG_WORKERS", "per-gpu"), ("CUDA_VISIBLE_DEVICES", "")]);
    assert_eq!(server.predict(&json!({})).json()["output"]["worker"], Value::Null);
    assert_eq!(server.workers().len(), 1);
}

#[test]
fn a_worker_that_crashes_costs_the_others_nothing() {
    let server = with_two(&[("COG_WORKERS", "2"), ("COG_QUEUE_LIMIT", "16")]);
    for _ in 0..3 {
        let steady = send(&server, &json!({"seconds": 1.0}));
        let crashed = answer(send(&server, &json!({"seconds": 0.1, "crash": true}))).json();
        assert_eq!(crashed["status"], "failed");
        assert!(crashed["error"].as_str().is_some_and(|error| error.contains("SIGABRT")), "{crashed}");
        assert_ne!(server.health().as_deref(), Some("STARTING"));
        // There is one to take it, at once or after the steady one.
        assert_eq!(answer(send(&server, &json!({}))).json()["status"], "succeeded");
        assert_eq!(answer(steady).json()["status"], "succeeded");
    }
    wait_for_two(&server);
    assert_eq!(server.workers().len(), 2);
}

#[test]
fn what_waits_for_a_lost_worker_is_made_by_its_successor() {
    let server = Server::with("which", &[("COG_QUEUE_LIMIT", "4")]);
    let crash = send(&server, &json!({"seconds": 0.3, "crash": true}));
    server.wait_for_health("BUSY");
    let waiting = [(); 3].map(|()| send(&server, &json!({})));
    assert_eq!(answer(crash).json()["status"], "failed");
    for reply in waiting.map(answer) {
        assert_eq!(reply.json()["status"], "succeeded", "{}", reply.text());
    }
}

#[test]
fn the_parts_of_setup_are_shown_with_their_times() {
    let server = Server::of("which");
    let health = server.get("/health-check").json();
    let phases = health["setup"]["phases"].as_array().expect("phases");
    let names: Vec<_> = phases.iter().filter_map(|phase| phase["name"].as_str()).collect();
    assert_eq!(names, ["process", "setup", "weights", "warm-up"]);
    let weights = &phases[2];
    // The worker sleeps for 0.2 s; the supervisor measures from word to word, each of which has a way to go.
    assert!(weights["seconds"].as_f64().is_some_and(|seconds| (0.1..10.0).contains(&seconds)), "{weights}");
    let metrics = server.get("/metrics").text();
    assert!(metrics.contains("\ncog_setup_phase_seconds{phase=\"weights\"} 0."), "{metrics}");
}
