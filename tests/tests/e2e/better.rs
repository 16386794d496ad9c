//! Where the reference falls short: the lines of the design's table “the reference / here”, each with a test that fails
//! on the reference's behaviour, and two recorded cases with a longer wait. More on each subject is in the file of that
//! subject.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cog_tests::{Connection, Received, Receiver, Reply, Server};
use rustix::process::Signal;
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");
const ASYNC: (&str, &str) = ("prefer", "respond-async");
const EVENTS: (&str, &str) = ("accept", "text/event-stream");

fn send(server: &Server, headers: &[(&str, &str)], body: &Value) -> Connection {
    let mut connection = server.connect();
    let headers = [&[JSON], headers].concat();
    connection
        .send("POST", "/predictions", &headers, body.to_string().as_bytes())
        .expect("a request can be sent");
    connection
}

fn ask(server: &Server, headers: &[(&str, &str)], body: &Value) -> Reply {
    send(server, headers, body).reply().expect("an answer")
}

/// Somebody on this machine who sends whoever asks to another place.
fn leading_to(place: &str) -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port can be listened on");
    let url = format!("http://{}/", listener.local_addr().expect("a listener has an address"));
    let answer = format!("HTTP/1.1 302 There\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n");
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("it is asked");
        let _asked = client.read(&mut [0; 4096]);
        client.write_all(answer.as_bytes()).expect("it can answer");
    });
    url
}

fn cancel(server: &Server, id: &str) {
    let reply = server.connect().request("POST", &format!("/predictions/{id}/cancel"), &[], b"");
    assert_eq!(reply.expect("an answer").status, 200);
}

/// “slot freed after the reply: 267 of 1,000 back-to-back requests got 409”
#[test]
fn a_slot_is_free_before_the_reply() {
    let server = Server::of("echo");
    let mut connection = server.connect();
    for n in 0..1000 {
        let body = json!({ "input": { "text": n.to_string() } });
        let reply = connection.post("/predictions", &body).expect("an answer");
        assert_eq!(reply.status, 200, "prediction {n}: {}", reply.text());
        assert_eq!(reply.json()["output"], format!("hello {n}"));
    }
}

/// “full = 409 at once, no queue”
#[test]
fn a_full_server_has_a_bounded_fair_queue_for_who_asks() {
    let server = Server::with("slow", &[("COG_QUEUE_LIMIT", "2")]);
    let slow = |id: &str| send(&server, &[], &json!({ "id": id, "input": { "seconds": 1.0 } }));
    let first = slow("first");
    server.wait_for_health("BUSY");
    let second = slow("second");
    server.wait_until("one waits", || server.get("/health-check").json()["queue"]["depth"] == 1);
    let third = slow("third");
    server.wait_until("two wait", || server.get("/metrics").text().contains("\ncog_queue_depth 2\n"));
    assert_eq!(server.get("/health-check").json()["queue"], json!({"depth": 2, "limit": 2}));
    assert_eq!(slow("fourth").reply().expect("an answer").status, 409);
    let mut patient = send(&server, &[("prefer", "wait=60")], &json!({ "input": { "seconds": 0.0 } }));
    let ended = [first, second, third].map(|mut connection| {
        let reply = connection.reply().expect("an answer");
        assert_eq!(reply.status, 200, "{}", reply.text());
        Instant::now()
    });
    assert!(ended.is_sorted());
    assert_eq!(patient.reply().expect("an answer").status, 200);
}

/// “worker death is for ever”
#[test]
fn a_dead_worker_is_replaced_and_its_prediction_told_why() {
    let server = Server::of("crash");
    for (kind, cause) in [("segv", "SIGSEGV"), ("exit", "exited with code 7")] {
        let failed = server.predict(&json!({ "kind": kind })).json();
        assert_eq!(failed["status"], "failed");
        assert!(failed["error"].as_str().is_some_and(|error| error.contains(cause)), "{failed}");
        server.wait_for_health("READY");
        assert_eq!(server.predict(&json!({ "kind": "none", "wait": 0.0 })).json()["status"], "succeeded");
    }
    for _ in 0..3 {
        server.predict(&json!({ "kind": "abort", "wait": 0.0 }));
        server.wait_until("it is up again, or given up", || {
            matches!(server.health().as_deref(), Some("READY" | "DEFUNCT"))
        });
    }
    assert_eq!(server.health().as_deref(), Some("DEFUNCT"));
    assert_eq!(server.predict(&json!({})).status, 503);
}

/// “an id of 300 bytes or with NUL loses a slot; `../` in an id makes directories anywhere”
#[test]
fn an_id_is_any_text_and_costs_no_slot_and_no_folder() {
    let server = Server::of("echo");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = format!("../../../../../../..{}/made", folder.path().display());
    for id in [&*"x".repeat(300), "a\0b", "a\nb", &path, "é 𝄞"] {
        let reply = ask(&server, &[], &json!({ "id": id, "input": { "text": "x" } }));
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.json()["id"], id);
        assert_eq!(server.predict(&json!({ "text": "y" })).status, 200);
    }
    assert!(std::fs::read_dir(folder.path()).expect("it is there").next().is_none());
}

/// “cancel can be swallowed for ever”
#[test]
fn a_cancel_that_is_not_noticed_is_enforced() {
    let server = Server::with("slow", &[("COG_CANCEL_GRACE", "0.5")]);
    let mut blocked = send(&server, &[], &json!({ "id": "b", "input": { "seconds": 600, "mode": "block" } }));
    server.wait_for_health("BUSY");
    cancel(&server, "b");
    assert_eq!(blocked.reply().expect("an answer").json()["status"], "canceled");
    server.wait_for_health("READY");
    assert_eq!(server.predict(&json!({ "seconds": 0 })).json()["status"], "succeeded");
}

/// The recorded case `cancel_during_download`.
#[test]
fn a_cancel_does_not_wait_for_a_download() {
    let asked = Arc::new(AtomicBool::new(false));
    let noticed = Arc::clone(&asked);
    let slow = Receiver::answering(move |_| {
        noticed.store(true, Ordering::SeqCst);
        std::thread::sleep(Duration::from_secs(30));
        200
    });
    let server = Server::of("filein");
    let mut waiting = send(&server, &[], &json!({ "id": "dl", "input": { "path": slow.url("/file") } }));
    server.wait_until("the download has begun", || asked.load(Ordering::SeqCst));
    let start = Instant::now();
    cancel(&server, "dl");
    assert_eq!(waiting.reply().expect("an answer").json()["status"], "canceled");
    assert!(start.elapsed() < Duration::from_secs(10), "canceled after {:?}", start.elapsed());
    server.wait_for_health("READY");
}

/// The recorded case `predict_during_slow_healthcheck`.
#[test]
fn a_slow_health_check_holds_up_no_prediction() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let server = Server::within("health", folder.path());
    std::fs::write(folder.path().join("health_mode"), "slow").expect("a file can be written");
    let mut probe = server.connect();
    probe.send("GET", "/health-check", &[], b"").expect("a request can be sent");
    std::thread::sleep(Duration::from_millis(300));
    let start = Instant::now();
    assert_eq!(server.predict(&json!({})).json()["output"], "ok");
    assert!(start.elapsed() < Duration::from_secs(3), "answered after {:?}", start.elapsed());
    assert_eq!(probe.reply().expect("an answer").status, 200);
}

/// “failed and canceled replies have empty logs and no partial output”
#[test]
fn failed_and_canceled_replies_have_logs_and_partial_output() {
    let server = Server::of("iter");
    let failed = server.predict(&json!({ "n": 3, "fail_at": 2 })).json();
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["output"], json!(["chunk-0", "chunk-1"]));
    let mut canceled = send(&server, &[], &json!({ "id": "c", "input": { "n": 9, "delay": 60 } }));
    server.wait_until("the first piece is there", || {
        server.get("/predictions/c").json()["output"] == json!(["chunk-0"])
    });
    cancel(&server, "c");
    let canceled = canceled.reply().expect("an answer").json();
    assert_eq!((&canceled["status"], &canceled["output"]), (&json!("canceled"), &json!(["chunk-0"])));
    let server = Server::of("slow");
    let reply = ask(&server, &[("cancel-after", "1s")], &json!({ "input": { "seconds": 600 } })).json();
    assert_eq!(reply["status"], "canceled");
    assert!(reply["logs"].as_str().is_some_and(|logs| logs.starts_with("sleeping 600 loop\n")), "{reply}");
}

/// “unterminated log text leaks into the next prediction's logs”
#[test]
fn unterminated_text_stays_with_its_prediction() {
    let server = Server::of("logs");
    let first = server.predict(&json!({ "kind": "all" })).json();
    assert!(first["logs"].as_str().is_some_and(|logs| logs.contains("unterminated tail")), "{first}");
    assert_eq!(server.predict(&json!({ "kind": "next" })).json()["logs"], "next prediction\n");
}

/// “webhooks out of order, only the last retried, unsigned, lost on exit”
#[test]
fn webhooks_are_in_order_retried_signed_and_not_lost_on_exit() {
    let refused = AtomicBool::new(false);
    let is_last = |request: &Received| request.json()["status"] == "succeeded";
    let receiver = Receiver::answering(move |request| {
        if is_last(request) && !refused.swap(true, Ordering::SeqCst) { 503 } else { 200 }
    });
    let server = Server::with("stream", &[("COG_WEBHOOK_SECRET", "secret")]);
    let body = json!({ "input": { "n": 3, "delay": 0.5 }, "webhook": receiver.url("/") });
    assert_eq!(ask(&server, &[ASYNC], &body).status, 202);
    Server::signal(server.id(), Signal::TERM);
    let received = receiver.wait_until("the last word came twice", |received| {
        received.iter().filter(|request| is_last(request)).count() == 2
    });
    let sequence: Vec<u32> =
        received.iter().filter_map(|request| request.header("cog-webhook-sequence")?.parse().ok()).collect();
    assert!(sequence.len() > 2 && sequence.is_sorted(), "{sequence:?}");
    assert!(received.iter().all(|request| request.header("webhook-signature").is_some()));
}

/// “no GET by id, no readiness by status code, no metrics, no traces”
#[test]
fn a_server_can_be_asked_for_predictions_readiness_metrics_and_traces() {
    let collector = Receiver::answering(|_| 200);
    let server = Server::with(
        "echo",
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url("")), ("OTEL_BSP_SCHEDULE_DELAY", "10")],
    );
    ask(&server, &[], &json!({ "id": "p", "input": { "text": "x" } }));
    assert_eq!(server.get("/predictions/p").json()["output"], "hello x");
    assert_eq!(server.get("/livez").status, 200);
    assert_eq!(server.get("/readyz").status, 200);
    assert!(server.get("/metrics").text().contains("\ncog_predictions_total{status=\"succeeded\"} 1\n"));
    collector
        .wait_until("a trace came", |received| received.iter().any(|request| request.path == "/v1/traces"));
    let failed = Server::started("setupfail", &[]);
    failed.wait_for_health("SETUP_FAILED");
    assert_eq!(failed.get("/readyz").status, 503);
}

/// “`Path` inputs may read any local file and any address”
#[test]
fn inputs_reach_neither_local_files_nor_metadata_services() {
    let private = Receiver::answering(|_| 200);
    let server = Server::of("filein");
    let refused = |server: &Server, source: &str| {
        let reply = server.predict(&json!({ "path": source })).json();
        assert_eq!(reply["status"], "failed", "{source}: {reply}");
        // Before anything was read or dialled, not for want of it.
        let error = reply["error"].as_str().unwrap_or_default();
        assert!(
            error.contains("no http, https or data URL") || error.contains("does not talk to"),
            "{reply}"
        );
    };
    for source in ["/etc/passwd", "file:///etc/passwd", "http://169.254.169.254/latest/meta-data/"] {
        refused(&server, source);
    }
    refused(&server, &leading_to("http://169.254.169.254/latest/meta-data/"));
    let server = Server::with("filein", &[("COG_FETCH_POLICY", "public")]);
    refused(&server, &private.url("/secret"));
    // A name is judged by the address that it leads to.
    refused(&server, &private.url("/secret").replace("127.0.0.1", "localhost"));
    refused(&server, "http://10.0.0.1/");
    assert!(private.received().is_empty());
}

/// “secrets shown in clear in snapshots and 422s”
#[test]
fn a_secret_is_shown_nowhere() {
    let server = Server::of("secret");
    let body = json!({ "id": "s", "input": { "token": "hunter2", "seconds": 1.0 } });
    assert_eq!(ask(&server, &[ASYNC], &body).status, 202);
    let joined = server.connect().request("PUT", "/predictions/s", &[JSON], body.to_string().as_bytes());
    let wrong = ask(&server, &[], &json!({ "input": { "token": ["hunter2"] } }));
    assert_eq!(wrong.status, 422);
    server.wait_until("it has ended", || server.get("/predictions/s").json()["status"] == "succeeded");
    for shown in [joined.expect("an answer"), wrong, server.get("/predictions/s")] {
        assert!(!shown.text().contains("hunter2"), "{}", shown.text());
    }
}

/// “body without content type treated as `{}`”
#[test]
fn a_body_without_a_content_type_is_read_or_refused() {
    let server = Server::of("echo");
    let plain = |body: &[u8]| server.connect().request("POST", "/predictions", &[], body).expect("an answer");
    let read = plain(br#"{"input": {"text": "read"}}"#);
    assert_eq!(read.json()["output"], "hello read", "{}", read.text());
    assert_eq!(plain(b"text=x").status, 415);
}

/// “SSE has no ids, slow readers are dropped”
#[test]
fn events_have_ids_to_resume_at_and_slow_readers_get_all() {
    let server = Server::of("bigstream");
    let body = json!({ "id": "p", "input": { "n": 300, "size": 65_536 } });
    let mut slow = send(&server, &[EVENTS], &body);
    assert_eq!(slow.events().expect("an answer"), 200);
    std::thread::sleep(Duration::from_secs(2));
    let mut ids = Vec::new();
    while let Some(event) = slow.event().expect("a whole stream") {
        assert_ne!(event.name, "error");
        ids.push(event.id.expect("an id"));
    }
    assert!(ids.len() > 300 && ids.is_sorted(), "{} events", ids.len());
    let mut resumed = server.connect();
    let last = (ids[ids.len() - 3]).to_string();
    resumed
        .send("GET", "/predictions/p", &[EVENTS, ("last-event-id", &last)], b"")
        .expect("a request can be sent");
    assert_eq!(resumed.events().expect("an answer"), 200);
    let rest: Vec<_> = std::iter::from_fn(|| resumed.event().expect("a whole stream")).collect();
    assert_eq!(rest.len(), 2);
}

/// “SIGTERM drops async work and its webhooks”
#[test]
fn sigterm_drains_asynchronous_work_with_a_deadline() {
    let receiver = Receiver::answering(|_| 200);
    let server = Server::of("slow");
    let body = json!({ "input": { "seconds": 2.0 }, "webhook": receiver.url("/") });
    assert_eq!(ask(&server, &[ASYNC], &body).status, 202);
    Server::signal(server.id(), Signal::TERM);
    server.finish_within(Duration::from_secs(30)).exits(0);
    assert!(receiver.received().iter().any(|request| request.json()["status"] == "succeeded"));

    let server = Server::with("slow", &[("COG_SHUTDOWN_GRACE", "1")]);
    assert_eq!(ask(&server, &[ASYNC], &json!({ "input": { "seconds": 600 } })).status, 202);
    Server::signal(server.id(), Signal::TERM);
    server.finish_within(Duration::from_secs(20)).exits(0);
}
