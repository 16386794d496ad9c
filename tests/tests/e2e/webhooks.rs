//! Webhooks, and what becomes of them when something goes wrong.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cog_tests::{Received, Receiver, Server, free_port};
use ring::hmac;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Begins an asynchronous prediction.
fn begin(server: &Server, body: &Value) {
    let headers = [("content-type", "application/json"), ("prefer", "respond-async")];
    let reply = server
        .connect()
        .request("POST", "/predictions", &headers, body.to_string().as_bytes())
        .expect("an answer");
    assert_eq!(reply.status, 202, "{}", reply.text());
}

fn is_terminal(request: &Received) -> bool {
    matches!(request.json()["status"].as_str(), Some("succeeded" | "failed" | "canceled"))
}

fn terminal(received: &[Received]) -> Vec<&Received> {
    received.iter().filter(|request| is_terminal(request)).collect()
}

#[test]
fn webhooks_come_in_order_numbered_and_signed() {
    // The first one is slow; the others wait for it.
    let slow_once = AtomicUsize::new(0);
    let receiver = Receiver::answering(move |_| {
        if slow_once.fetch_add(1, Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_secs(1));
        }
        200
    });
    let secret = format!("whsec_{}", STANDARD.encode("a key of ours"));
    let server = Server::with("stream", &[("COG_WEBHOOK_SECRET", &secret)]);
    begin(&server, &json!({ "id": "p", "input": { "n": 3 }, "webhook": receiver.url("/hook") }));
    let received = receiver.wait_until("the last word came", |received| !terminal(received).is_empty());
    let statuses: Vec<String> = received
        .iter()
        .map(|request| request.json()["status"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(statuses.first().map(String::as_str), Some("processing"));
    assert_eq!(statuses.last().map(String::as_str), Some("succeeded"));
    let sequence: Vec<&str> =
        received.iter().filter_map(|request| request.header("cog-webhook-sequence")).collect();
    let expected: Vec<String> = (0..received.len()).map(|number| number.to_string()).collect();
    assert_eq!(sequence, expected);
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"a key of ours");
    for request in &received {
        let header = |name| request.header(name).expect("a signed webhook has it");
        let signed = [header("webhook-id"), header("webhook-timestamp"), ""].join(".").into_bytes();
        let signature = header("webhook-signature").strip_prefix("v1,").expect("the first version");
        let signature = STANDARD.decode(signature).expect("base64");
        hmac::verify(&key, &[signed, request.body.clone()].concat(), &signature)
            .expect("the right signature");
    }
}

#[test]
fn a_retried_webhook_keeps_its_id() {
    let refusals = AtomicUsize::new(0);
    let receiver =
        Receiver::answering(move |_| if refusals.fetch_add(1, Ordering::SeqCst) < 2 { 503 } else { 200 });
    let server = Server::of("echo");
    let filter = ["completed"];
    let url = receiver.url("/");
    begin(&server, &json!({ "input": { "text": "x" }, "webhook": url, "webhook_events_filter": filter }));
    let received = receiver.wait_until("it came three times", |received| received.len() == 3);
    let ids: Vec<_> = received.iter().map(|request| request.header("webhook-id")).collect();
    assert!(ids[0].is_some() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn sigterm_lets_fifty_predictions_and_their_webhooks_finish() {
    let receiver = Receiver::answering(|_| {
        std::thread::sleep(Duration::from_millis(500));
        200
    });
    let server = Server::with("asyncconc", &[("COG_MAX_CONCURRENCY", "50")]);
    for number in 0..50 {
        begin(
            &server,
            &json!({
                "id": format!("p{number}"),
                "input": { "seconds": 2.0 },
                "webhook": receiver.url("/"),
                "webhook_events_filter": ["completed"],
            }),
        );
    }
    Server::signal(server.id(), Signal::TERM);
    server.finish_within(Duration::from_secs(60)).exits(0);
    let received = receiver.received();
    let mut ids: Vec<String> =
        terminal(&received).iter().map(|request| request.json()["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 50, "every last word arrived");
    assert!(received.iter().all(|request| request.json()["status"] == "succeeded"));
}

/// What lies in the outbox; what is being written does not count yet.
fn kept(outbox: &TempDir) -> String {
    let folders = std::fs::read_dir(outbox.path()).into_iter().flatten().flatten();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten().flatten());
    let whole =
        files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "json"));
    whole.filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

#[test]
fn the_outbox_outlives_a_killed_server() {
    let outbox = tempfile::tempdir().expect("a folder can be made");
    let folder = outbox.path().to_str().expect("UTF-8").to_owned();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}/");
    let environment = [("COG_WEBHOOK_OUTBOX", folder.as_str()), ("COG_MAX_CONCURRENCY", "2")];
    let server = Server::with("asyncconc", &environment);
    for (id, seconds) in [("done", 0.0), ("cut short", 600.0)] {
        let filter = ["completed"];
        begin(
            &server,
            &json!({ "id": id, "input": { "seconds": seconds }, "webhook": url, "webhook_events_filter": filter }),
        );
    }
    // Nobody listens: the one that is done is tried again and again, the other has nothing to say yet.
    server.wait_until("both are in the outbox", || {
        kept(&outbox).contains("done t") && kept(&outbox).contains("the server stopped")
    });
    Server::signal(server.id(), Signal::KILL);
    let _killed = server.finish_within(Duration::from_secs(10));

    let receiver = Receiver::on_port(port, |_| 200);
    let server = Server::with("asyncconc", &environment);
    let received = receiver.wait_until("both came", |received| received.len() == 2);
    let status = |id: &str| {
        let found = received.iter().map(Received::json).find(|body| body["id"] == id).expect("one of them");
        (found["status"].clone(), found["error"].clone())
    };
    assert_eq!(status("done"), (json!("succeeded"), Value::Null));
    let (ended, error) = status("cut short");
    assert_eq!(ended, "failed");
    assert!(error.as_str().is_some_and(|error| error.contains("the server stopped")), "{error}");
    server.wait_until("nothing is left in the outbox", || kept(&outbox).is_empty());
}

#[test]
fn a_last_word_behind_another_that_nobody_answers_outlives_a_killed_server() {
    let outbox = tempfile::tempdir().expect("a folder can be made");
    let folder = outbox.path().to_str().expect("UTF-8").to_owned();
    let environment = [("COG_WEBHOOK_OUTBOX", folder.as_str())];
    let receiver = Receiver::answering(|request| {
        if !is_terminal(request) {
            std::thread::sleep(Duration::from_secs(600));
        }
        200
    });
    let server = Server::with("echo", &environment);
    begin(&server, &json!({ "id": "p", "input": { "text": "x" }, "webhook": receiver.url("/") }));
    receiver.wait_until("the first one came", |received| !received.is_empty());
    let start = Instant::now();
    server.wait_until("the last one is in the outbox", || kept(&outbox).contains("succeeded"));
    assert!(start.elapsed() < Duration::from_secs(15), "not only once the first one is given up");
    Server::signal(server.id(), Signal::KILL);
    let _killed = server.finish_within(Duration::from_secs(10));

    let _server = Server::with("echo", &environment);
    let received = receiver.wait_until("the last word came", |received| !terminal(received).is_empty());
    assert_eq!(terminal(&received)[0].json()["status"], "succeeded");
}

#[test]
fn what_one_server_could_not_deliver_another_does_that_is_running_already() {
    let outbox = tempfile::tempdir().expect("a folder can be made");
    let folder = outbox.path().to_str().expect("UTF-8").to_owned();
    let environment = [("COG_WEBHOOK_OUTBOX", folder.as_str())];
    let port = free_port();
    let (first, second) = (Server::with("slow", &environment), Server::with("slow", &environment));
    let url = format!("http://127.0.0.1:{port}/");
    begin(&first, &json!({ "id": "orphan", "input": { "seconds": 600 }, "webhook": url }));
    Server::signal(first.id(), Signal::KILL);
    let _killed = first.finish_within(Duration::from_secs(10));
    let receiver = Receiver::on_port(port, |_| 200);
    let received = receiver.wait_until("it came", |received| !received.is_empty());
    assert_eq!(received[0].json()["id"], "orphan");
    drop(second);
}

#[test]
fn what_is_owed_lies_in_the_outbox_before_anybody_is_told_of_the_prediction() {
    for _ in 0..10 {
        let outbox = tempfile::tempdir().expect("a folder can be made");
        let folder = outbox.path().to_str().expect("UTF-8").to_owned();
        let server = Server::with("slow", &[("COG_WEBHOOK_OUTBOX", &folder)]);
        let url = format!("http://127.0.0.1:{}/", free_port());
        begin(&server, &json!({ "input": { "seconds": 600 }, "webhook": url }));
        Server::signal(server.id(), Signal::KILL);
        let folders = std::fs::read_dir(outbox.path()).expect("it is there").flatten();
        let files =
            folders.flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten().flatten());
        assert!(files.map(|file| file.path()).any(|path| path.extension().is_some_and(|end| end == "json")));
    }
}

#[test]
fn a_receiver_that_takes_its_time_holds_up_nothing_else() {
    let hold = Arc::new(AtomicUsize::new(0));
    let holding = Arc::clone(&hold);
    let receiver = Receiver::answering(move |_| {
        holding.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_secs(20));
        200
    });
    let server = Server::of("echo");
    begin(&server, &json!({ "input": { "text": "x" }, "webhook": receiver.url("/") }));
    server.wait_until("the receiver holds the first webhook", || hold.load(Ordering::SeqCst) > 0);
    server.wait_for_health("READY");
    let start = Instant::now();
    for _ in 0..20 {
        assert_eq!(server.predict(&json!({ "text": "y" })).json()["status"], "succeeded");
    }
    assert!(start.elapsed() < Duration::from_secs(15), "twenty predictions took {:?}", start.elapsed());
}

#[test]
fn under_the_public_policy_no_client_reaches_a_private_address() {
    let receiver = Receiver::answering(|_| 200);
    let server = Server::with("filein", &[("COG_FETCH_POLICY", "public")]);
    let reply = server.predict(&json!({ "path": receiver.url("/secret.txt") })).json();
    assert_eq!(reply["status"], "failed");
    begin(&server, &json!({ "id": "p", "input": {}, "webhook": receiver.url("/hook") }));
    server.wait_until("it has ended", || server.get("/predictions/p").json()["status"] == "succeeded");
    std::thread::sleep(Duration::from_millis(500));
    assert!(receiver.received().is_empty(), "{:?}", receiver.received());
}

#[test]
fn a_receiver_that_sends_without_end_or_leads_in_circles_harms_nobody() {
    let hostile = |answer: &'static [u8], again: &'static [u8]| {
        let listener = std::net::TcpListener::bind(("127.0.0.3", 0)).expect("a port can be listened on");
        let place = listener.local_addr().expect("a listener has an address");
        std::thread::spawn(move || {
            while let Ok((mut client, _)) = listener.accept() {
                std::thread::spawn(move || {
                    let _asked = client.read(&mut [0; 4096]);
                    let mut sent = client.write_all(answer);
                    while sent.is_ok() && !again.is_empty() {
                        sent = client.write_all(again);
                    }
                });
            }
        });
        format!("http://{place}/")
    };
    let circles = b"HTTP/1.1 307 There\r\nlocation: /\r\ncontent-length: 0\r\n\r\n";
    let places = [
        hostile(b"HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 65_536]),
        hostile(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        hostile(&[b'x'; 65_536], &[0; 65_536]),
        hostile(circles, b""),
        hostile(b"HTTP/1.1 302 There\r\nlocation: http://169.254.169.254/latest\r\n\r\n", b""),
    ];
    let receiver = Receiver::answering(|_| 200);
    let server = Server::of("echo");
    assert_eq!(server.predict(&json!({ "text": "x" })).status, 200);
    let (descriptors, memory) = (server.descriptors(), server.memory());
    for place in &places {
        for _ in 0..5 {
            let body = json!({ "input": { "text": "x" }, "webhook": place });
            assert_eq!(server.connect().post("/predictions", &body).expect("an answer").status, 200);
        }
    }
    let body = json!({ "input": { "text": "x" }, "webhook": receiver.url("/") });
    assert_eq!(server.connect().post("/predictions", &body).expect("an answer").status, 200);
    receiver.wait_until("the last word came", |received| !terminal(received).is_empty());
    server.wait_until("nobody is listened to for ever", || server.descriptors() <= descriptors + 8);
    assert!(server.memory() < memory + (32 << 20), "{} MiB", server.memory() >> 20);
    Server::signal(server.id(), Signal::KILL);
}

#[test]
fn a_receiver_that_never_answers_costs_few_descriptors_and_delays_no_other() {
    // It listens, and says nothing.
    let tar_pit = std::net::TcpListener::bind(("127.0.0.2", 0)).expect("a port can be listened on");
    let tar_pit = format!("http://{}/", tar_pit.local_addr().expect("a listener has an address"));
    let receiver = Receiver::answering(|_| 200);
    let server = Server::with("echo", &[("COG_QUEUE_LIMIT", "999")]);
    let before = server.descriptors();
    for _ in 0..200 {
        begin(&server, &json!({ "input": { "text": "x" }, "webhook": tar_pit }));
    }
    let start = Instant::now();
    begin(&server, &json!({ "id": "last", "input": { "text": "x" }, "webhook": receiver.url("/") }));
    receiver.wait_until("the last word came", |received| !terminal(received).is_empty());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(server.descriptors() < before + 64, "{} descriptors", server.descriptors());
    Server::signal(server.id(), Signal::KILL);
}
