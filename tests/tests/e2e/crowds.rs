//! More connections than anybody needs, and fewer descriptors than that takes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cog_tests::{Connection, Server, allow_many_files};
use rustix::process::Signal;
use serde_json::json;

fn assert_serves(server: &Server) {
    let start = Instant::now();
    let reply = server.predict(&json!({ "text": "x" }));
    assert_eq!((reply.status, reply.json()["output"].as_str()), (200, Some("hello x")), "{}", reply.text());
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

/// Whether the server has hung up.
fn is_closed(mut client: &TcpStream) -> bool {
    client.set_nonblocking(true).expect("a socket can be told not to wait");
    !matches!(client.read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}

#[test]
fn ten_thousand_idle_connections_are_borne_and_the_oldest_make_room_for_more() {
    if allow_many_files() < 13_000 {
        cog_tests::skip(
            "ten thousand connections take more descriptors than this system allows (ulimit -Hn)",
        );
        return;
    }
    let server = Server::of("echo");
    assert_serves(&server);
    let before = server.descriptors();
    // The allocator's own bookkeeping takes some rounds to settle; what is lost with every connection never does.
    let mut memory: Vec<u64> = Vec::new();
    let settled = (0..6).any(|_| {
        let mut busy = server.connect();
        assert_eq!(busy.get("/livez").expect("an answer").status, 200);
        let idle: Vec<TcpStream> = (0..10_000).map(|_| server.dial()).collect();
        server.wait_until("all are connected", || server.descriptors() >= before + 10_000);
        for client in &idle[..1000] {
            let mut client = client;
            client.write_all(b"GET /").expect("a word can be said");
        }
        assert_serves(&server);
        assert!(!idle.iter().any(is_closed), "ten thousand find room");
        let more: Vec<TcpStream> = (0..500).map(|_| server.dial()).collect();
        assert_serves(&server);
        server.wait_until("some have made room", || idle.iter().any(is_closed));
        assert!(!more.iter().any(is_closed), "those who came last stay");
        let (most, now) = (memory.iter().max().copied().unwrap_or_default(), server.memory());
        memory.push(now);
        drop((idle, more));
        server.wait_until("all connections are closed", || server.descriptors() <= before + 1);
        assert!(now < 400 << 20, "{} MiB", now >> 20);
        now < most / 20 * 21
    });
    assert!(settled, "memory grows with every crowd: {memory:?} bytes");
    assert_serves(&server);
}

#[test]
fn who_is_being_served_is_not_sent_away_by_a_crowd() {
    allow_many_files();
    let server = Server::of("slow");
    let mut served = server.connect();
    let body = json!({ "input": { "seconds": 4.0 } }).to_string();
    served
        .send("POST", "/predictions", &[("content-type", "application/json")], body.as_bytes())
        .expect("a request can be sent");
    server.wait_for_health("BUSY");
    server.limit_descriptors(300);
    let crowd: Vec<Option<Connection>> = (0..600).map(|_| Connection::open(server.port()).ok()).collect();
    assert_eq!(served.reply().expect("an answer").json()["status"], "succeeded");
    drop(crowd);
}

#[test]
fn a_server_without_descriptors_waits_for_some_and_goes_on() {
    let server = Server::of("echo");
    assert_serves(&server);
    let before = server.descriptors() as u64;
    // Idle connections make room for new ones.
    server.limit_descriptors(before + 8);
    let _crowd: Vec<TcpStream> = (0..50).map(|_| server.dial()).collect();
    assert_serves(&server);
    // There is no room at all: whoever comes waits.
    server.limit_descriptors(1);
    let work = server.work();
    let waiting = server.dial();
    std::thread::sleep(Duration::from_secs(3));
    let work = server.work() - work;
    assert!(work < Duration::from_millis(600), "{work:?} of work in three seconds without a descriptor");
    server.limit_descriptors(before + 60);
    drop(waiting);
    assert_serves(&server);
}

#[test]
fn a_model_that_dies_while_there_are_no_descriptors_comes_back_when_there_are() {
    let server = Server::of("echo");
    // A connection that is there already can be used.
    let mut connection = server.connect();
    assert_eq!(connection.get("/livez").expect("an answer").status, 200);
    let before = server.descriptors() as u64;
    server.limit_descriptors(1);
    for worker in server.workers() {
        Server::signal(worker, Signal::KILL);
    }
    let patience = Instant::now() + Duration::from_secs(5);
    while Instant::now() < patience {
        let status = connection.get("/health-check").expect("an answer").json()["status"].clone();
        assert_ne!(status, "DEFUNCT", "a want of descriptors is no fault of the model");
        std::thread::sleep(Duration::from_millis(100));
    }
    server.limit_descriptors(before + 60);
    server.wait_for_health("READY");
    assert_serves(&server);
}

#[test]
fn the_model_has_the_limit_that_the_server_was_started_with() {
    let server = Server::of("echo");
    let limit = |process: u32| {
        let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap_or_default();
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).expect("a limit")
    };
    let ours = limit(std::process::id());
    for worker in server.workers() {
        assert_eq!(limit(worker), ours);
    }
    assert!(limit(server.id()) >= ours);
}
