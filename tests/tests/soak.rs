//! Everything at once for a while: synchronous, asynchronous and streamed predictions, cancelled and hung up on, by 64
//! clients, while the model's process is killed every five seconds. Nothing may be wrong, lost or left.
//!
//! For `COG_SOAK_SECONDS` seconds; a minute unless told: `COG_SOAK_SECONDS=600 cargo test -p cog-tests --test soak`.

#![expect(clippy::print_stdout, reason = "what it did is worth reading")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use cog_tests::{Connection, Receiver, Server};
use rustix::process::Signal;
use serde_json::{Value, json};

const CLIENTS: u64 = 64;
const JSON: (&str, &str) = ("content-type", "application/json");

/// What came of it all.
#[derive(Debug, Default)]
struct Tally {
    succeeded: AtomicU64,
    failed: AtomicU64,
    canceled: AtomicU64,
    refused: AtomicU64,
}

struct Soak {
    server: Server,
    receiver: Receiver,
    over: AtomicBool,
    tally: Tally,
    /// The ids of asynchronous predictions that were accepted: each is owed a last webhook.
    owed: Mutex<BTreeSet<String>>,
}

impl Soak {
    fn body(&self, id: &str, n: u64, delay: f64) -> Value {
        json!({ "id": id, "input": { "n": n, "delay": delay } })
    }

    /// Judges a prediction's end.
    fn judge(&self, ended: &Value, n: u64) {
        match ended["status"].as_str() {
            Some("succeeded") => {
                let expected: Vec<String> = (0..n).map(|i| format!("tok{i} ")).collect();
                assert_eq!(ended["output"], json!(expected), "{ended}");
                self.tally.succeeded.fetch_add(1, Ordering::Relaxed);
            }
            Some("failed") => {
                let error = ended["error"].as_str().unwrap_or_default().to_lowercase();
                assert!(
                    error.contains("kill") || error.contains("process"),
                    "failed, but not by death: {ended}"
                );
                self.tally.failed.fetch_add(1, Ordering::Relaxed);
            }
            Some("canceled") => {
                self.tally.canceled.fetch_add(1, Ordering::Relaxed);
            }
            _ => panic!("neither succeeded, failed nor canceled: {ended}"),
        }
    }

    fn refused(&self, status: u16) {
        assert!(matches!(status, 409 | 503), "refused with {status}");
        self.tally.refused.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(20));
    }

    fn synchronous(&self, connection: &mut Connection, id: &str) -> std::io::Result<()> {
        let reply = connection.post("/predictions", &self.body(id, 3, 0.0))?;
        match reply.status {
            200 => self.judge(&reply.json(), 3),
            status => self.refused(status),
        }
        Ok(())
    }

    fn asynchronous(&self, connection: &mut Connection, id: &str, cancel: bool) -> std::io::Result<()> {
        let mut body = self.body(id, 5, 0.01);
        body["webhook"] = self.receiver.url("/").into();
        body["webhook_events_filter"] = json!(["completed"]);
        let headers = [JSON, ("prefer", "respond-async")];
        let reply = connection.request("POST", "/predictions", &headers, body.to_string().as_bytes())?;
        if reply.status != 202 {
            self.refused(reply.status);
            return Ok(());
        }
        self.owed.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
        if cancel {
            let path = format!("/predictions/{id}/cancel");
            let status = connection.request("POST", &path, &[], b"")?.status;
            assert!(matches!(status, 200 | 404));
        }
        Ok(())
    }

    fn streamed(&self, connection: &mut Connection, id: &str, hang_up: bool) -> std::io::Result<()> {
        let headers = [JSON, ("accept", "text/event-stream")];
        connection.send("POST", "/predictions", &headers, self.body(id, 8, 0.005).to_string().as_bytes())?;
        let status = connection.events()?;
        if status != 200 {
            self.refused(status);
            // Its body is not an event stream: another connection is simpler than reading it.
            *connection = self.server.connect();
            return Ok(());
        }
        let mut next = 0;
        while let Some(event) = connection.event()? {
            assert_eq!(event.id, Some(next), "events come in order and without gaps");
            next += 1;
            if event.name == "completed" {
                self.judge(&event.data, 8);
            }
            if hang_up && next == 3 {
                *connection = self.server.connect();
                return Ok(());
            }
        }
        Ok(())
    }

    fn hung_up(&self, connection: &mut Connection, id: &str) -> std::io::Result<()> {
        connection.send("POST", "/predictions", &[JSON], self.body(id, 50, 0.05).to_string().as_bytes())?;
        std::thread::sleep(Duration::from_millis(30));
        *connection = self.server.connect();
        Ok(())
    }

    fn client(&self, number: u64) {
        let mut connection = self.server.connect();
        let mut random = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut turn = 0;
        while !self.over.load(Ordering::Relaxed) {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let id = format!("{number}-{turn}");
            turn += 1;
            let done = match (random >> 33) % 10 {
                0..=3 => self.synchronous(&mut connection, &id),
                4 | 5 => self.asynchronous(&mut connection, &id, false),
                6 => self.asynchronous(&mut connection, &id, true),
                7 => self.streamed(&mut connection, &id, false),
                8 => self.streamed(&mut connection, &id, true),
                _ => self.hung_up(&mut connection, &id),
            };
            done.unwrap_or_else(|error| panic!("client {number}, turn {turn}: {error}"));
        }
    }

    fn kill_workers(&self) {
        while !self.over.load(Ordering::Relaxed) {
            for _ in 0..50 {
                std::thread::sleep(Duration::from_millis(100));
                if self.over.load(Ordering::Relaxed) {
                    return;
                }
            }
            for worker in self.server.workers() {
                Server::signal(worker, Signal::KILL);
            }
        }
    }

    /// A sample of `/metrics`.
    fn metric(&self, name: &str) -> f64 {
        let text = self.server.get("/metrics").text();
        let sample = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        sample.unwrap_or_else(|| panic!("no {name} in\n{text}"))
    }

    fn memory(&self) -> f64 {
        self.metric("cog_resident_memory_bytes{process=\"supervisor\"}") / f64::from(1 << 20)
    }

    fn descriptors(&self) -> usize {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.server.id()));
        open.map_or(0, |open| open.count())
    }
}

#[test]
fn nothing_is_wrong_lost_or_left_after_all_of_it_at_once() {
    let seconds = std::env::var("COG_SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let time = Duration::from_secs(seconds);
    let environment = [("COG_MAX_CONCURRENCY", "8"), ("COG_QUEUE_LIMIT", "256"), ("LOG_FORMAT", "console")];
    let soak = Soak {
        server: Server::with("stream", &environment),
        receiver: Receiver::answering(|_| 200),
        over: AtomicBool::new(false),
        tally: Tally::default(),
        owed: Mutex::default(),
    };
    let before = soak.descriptors();
    let mut memory = Vec::new();
    std::thread::scope(|threads| {
        for number in 0..CLIENTS {
            let soak = &soak;
            threads.spawn(move || soak.client(number));
        }
        threads.spawn(|| soak.kill_workers());
        // The first third is for warming up.
        let start = Instant::now();
        while start.elapsed() < time {
            std::thread::sleep(time / 60);
            if start.elapsed() > time / 3 {
                memory.push(soak.memory());
            }
        }
        soak.over.store(true, Ordering::Relaxed);
    });
    soak.server.wait_for_health("READY");
    soak.server.wait_until("every slot is free", || {
        soak.metric("cog_slots_in_use") + soak.metric("cog_queue_depth") == 0.0
    });
    soak.server.wait_until("every webhook is delivered", || soak.metric("cog_webhooks_unfinished") == 0.0);

    let mut told = BTreeSet::new();
    for webhook in soak.receiver.received() {
        let ended = webhook.json();
        soak.judge(&ended, 5);
        told.insert(ended["id"].as_str().unwrap_or_default().to_owned());
    }
    let owed = soak.owed.lock().unwrap_or_else(PoisonError::into_inner);
    let lost: Vec<_> = owed.difference(&told).collect();
    assert!(lost.is_empty(), "{} of {} last webhooks were lost: {lost:?}", lost.len(), owed.len());
    println!("{:?}, {} last webhooks, {} MiB", soak.tally, owed.len(), soak.memory());
    assert!(soak.tally.succeeded.load(Ordering::Relaxed) > 10 * seconds, "{:?}", soak.tally);
    assert!(soak.tally.canceled.load(Ordering::Relaxed) > 0, "no prediction was canceled in time");

    let half = memory.len() / 2;
    let mean = |sample: &[f64]| sample.iter().sum::<f64>() / sample.len().max(1) as f64;
    let (early, late) = (mean(&memory[..half]), mean(&memory[half..]));
    assert!(late < early * 1.1, "memory grows: {early} MiB, then {late} MiB");
    assert_eq!(soak.server.workers().len(), 1);
    assert!(soak.server.zombies().is_empty());
    soak.server.wait_until("the clients' connections are closed", || soak.descriptors() <= before + 8);
}
