//! The wall clock jumps, forwards and back: what is measured and what is waited for goes by another clock.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cog_tests::{Receiver, Server};
use serde_json::{Value, json};

const DAY: u64 = 24 * 60 * 60;

/// Debian's `libfaketime`, which gives a process another wall clock.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|folder| folder.path());
    let found = folders.map(|folder| folder.join("faketime/libfaketime.so.1")).find(|path| path.exists());
    if found.is_none() {
        cog_tests::skip("the Debian package `faketime` is not installed");
    }
    found
}

/// A server whose wall clock is as far off as the file says, and no other clock.
fn with_clock(library: &Path, clock: &Path, environment: &[(&str, &str)]) -> Server {
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (library, clock) = (path(library), path(clock));
    let faked = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", &clock),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    Server::with("slow", &[&faked, environment].concat())
}

fn set(clock: &Path, offset: &str) {
    // In one step: whoever reads it must not find half of it.
    let next = clock.with_extension("next");
    std::fs::write(&next, offset)
        .and_then(|()| std::fs::rename(&next, clock))
        .expect("a file can be written");
}

fn begin(server: &Server, body: &Value) -> String {
    let headers = [("content-type", "application/json"), ("prefer", "respond-async")];
    let reply = server.connect().request("POST", "/predictions", &headers, body.to_string().as_bytes());
    let reply = reply.expect("an answer");
    assert_eq!(reply.status, 202, "{}", reply.text());
    reply.json()["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_jump_of_the_clock_ends_nothing_delays_nothing_and_repeats_no_id() {
    let Some(library) = library() else { return };
    let folder = tempfile::tempdir().expect("a folder can be made");
    let clock = folder.path().join("clock");
    set(&clock, "+0");
    // The first try of each webhook fails, so that there is a pause to be waited for.
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let receiver = Receiver::answering(move |_| {
        if tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst).is_multiple_of(2) { 503 } else { 200 }
    });
    let server = with_clock(&library, &clock, &[("COG_PREDICT_TIMEOUT", "60"), ("COG_QUEUE_LIMIT", "9")]);
    let mut ids = Vec::new();
    for (offset, days) in [("+400d", 400), ("-800d", -800), ("+0", 0)] {
        let start = Instant::now();
        let webhook = json!({
            "input": { "seconds": 2.0 },
            "webhook": receiver.url("/"),
            "webhook_events_filter": ["completed"],
        });
        let id = begin(&server, &webhook);
        std::thread::sleep(Duration::from_millis(300));
        set(&clock, offset);
        let told = receiver.wait_until("the last word came twice", |told| {
            told.iter().filter(|told| told.json()["id"] == json!(id)).count() >= 2
        });
        let told = told.last().expect("a webhook");
        assert_eq!(told.json()["status"], "succeeded", "{told:?}");
        let took = told.json()["metrics"]["predict_time"].as_f64().expect("a number");
        assert!((1.5..30.0).contains(&took), "{took} s");
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        let stamp: i64 =
            told.header("webhook-timestamp").and_then(|stamp| stamp.parse().ok()).expect("a time");
        let now = std::time::UNIX_EPOCH.elapsed().expect("it is after 1970").as_secs() as i64;
        let off = (stamp - now) / DAY as i64;
        assert!((off - days).abs() <= 1, "the clock was to be {days} days off and is {off}");
        ids.push(id);

        let headers = [("content-type", "application/json"), ("cancel-after", "1s")];
        let start = Instant::now();
        let body = json!({ "input": { "seconds": 45.0 } }).to_string();
        let reply = server.connect().request("POST", "/predictions", &headers, body.as_bytes());
        let canceled = reply.expect("an answer").json();
        assert_eq!(canceled["status"], "canceled", "{canceled}");
        assert!(start.elapsed() > Duration::from_millis(900) && start.elapsed() < Duration::from_secs(30));
        ids.push(canceled["id"].as_str().expect("an id").to_owned());
        assert_eq!(server.health().as_deref(), Some("READY"));
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "{ids:?}");
}
