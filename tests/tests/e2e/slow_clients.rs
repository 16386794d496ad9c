//! Clients that take their time, on purpose or not, and those that leave half-way.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use cog_tests::{Server, processes};
use rustix::process::Signal;
use serde_json::json;

const REQUEST: &str = "POST /predictions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                       content-length: 26\r\n\r\n{\"input\": {\"text\": \"half\"}}";

/// Nobody has taken its slot, and it works at once.
fn assert_serves(server: &Server) {
    let reply = server.predict(&json!({ "text": "x" }));
    assert_eq!((reply.status, reply.json()["output"].as_str()), (200, Some("hello x")), "{}", reply.text());
}

fn wait_for_a_slot(server: &Server) {
    server.wait_until("nobody has the slot", || {
        server.get("/metrics").text().contains("\ncog_slots_in_use 0\n")
    });
}

fn begun(server: &Server, request: &str) -> TcpStream {
    let mut client = server.dial();
    client.write_all(request.as_bytes()).expect("a request can be begun");
    client
}

/// Sends a byte every second until the server hangs up; gives what it said and how long that took.
fn trickle(mut client: TcpStream, limit: Duration) -> (String, Duration) {
    let start = Instant::now();
    let mut said = Vec::new();
    client.set_read_timeout(Some(Duration::from_secs(1))).expect("a time limit can be set");
    while start.elapsed() < limit {
        let _hung_up = client.write_all(b"x");
        let mut chunk = [0; 1024];
        match client.read(&mut chunk) {
            Ok(0) => return (String::from_utf8_lossy(&said).into_owned(), start.elapsed()),
            Ok(length) => said.extend_from_slice(&chunk[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return (String::from_utf8_lossy(&said).into_owned(), start.elapsed()),
        }
    }
    panic!("the server still listens after {limit:?}; it said {:?}", String::from_utf8_lossy(&said));
}

#[test]
fn heads_that_come_byte_by_byte_are_hung_up_on_and_cost_nothing() {
    let server = Server::of("echo");
    assert_serves(&server);
    let before = server.descriptors();
    std::thread::scope(|threads| {
        let slow: Vec<_> = (0..20)
            .map(|_| begun(&server, "POST /predictions HTTP/1.1\r\nhost: localhost\r\nx-slow: "))
            .map(|client| threads.spawn(move || trickle(client, Duration::from_secs(120))))
            .collect();
        while !slow.iter().all(|client| client.is_finished()) {
            assert_serves(&server);
            std::thread::sleep(Duration::from_secs(2));
        }
        for client in slow {
            let (said, took) = client.join().expect("a client tells how it ended");
            assert!(took > Duration::from_secs(60), "hung up on after {took:?}: {said}");
        }
    });
    server.wait_until("all connections are closed", || server.descriptors() <= before);
}

#[test]
fn bodies_that_stop_or_hardly_come_are_answered_with_408() {
    let server = Server::of("echo");
    let head = |length: usize| REQUEST.replace("content-length: 26", &format!("content-length: {length}"));
    std::thread::scope(|threads| {
        let stopped = begun(&server, &head(1 << 20));
        let slow = begun(&server, &head(1 << 20));
        let slow = threads.spawn(move || trickle(slow, Duration::from_secs(90)));
        let mut said = String::new();
        let start = Instant::now();
        stopped.set_read_timeout(Some(Duration::from_secs(90))).expect("a time limit can be set");
        (&stopped).read_to_string(&mut said).expect("an answer, and then the end");
        assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
        assert!(start.elapsed() > Duration::from_secs(20), "{:?}", start.elapsed());
        let (said, _) = slow.join().expect("a client tells how it ended");
        assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    });
    assert_serves(&server);
}

#[test]
fn a_file_that_hardly_comes_does_not_keep_a_slot_for_ever() {
    let source = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port can be listened on");
    let url = format!("http://{}/file", source.local_addr().expect("a listener has an address"));
    std::thread::spawn(move || {
        let (mut client, _) = source.accept().expect("it is asked for");
        let _asked = client.read(&mut [0; 4096]);
        let mut sent = client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
        while sent.is_ok() {
            std::thread::sleep(Duration::from_millis(500));
            sent = client.write_all(b"x");
        }
    });
    let server = Server::of("filein");
    let failed = server.predict(&json!({ "path": url })).json();
    assert_eq!(failed["status"], "failed");
    assert!(failed["error"].as_str().is_some_and(|error| error.contains("too slowly")), "{failed}");
    assert_eq!(server.predict(&json!({ "path": "data:,x" })).json()["status"], "succeeded");
}

#[test]
fn requests_that_are_cut_anywhere_leave_nothing_behind() {
    let server = Server::of("echo");
    assert_serves(&server);
    let before = server.descriptors();
    for length in 0..REQUEST.len() {
        let client = begun(&server, &REQUEST[..length]);
        if length % 2 == 0 {
            // Half closed: nothing more will come, but an answer would be read.
            let _gone = client.shutdown(Shutdown::Write);
        }
    }
    // Whole, and gone before its answer.
    for _ in 0..20 {
        drop(begun(&server, REQUEST));
    }
    wait_for_a_slot(&server);
    assert_serves(&server);
    server.wait_until("all connections are closed", || server.descriptors() <= before);
}

#[test]
fn an_answer_that_nobody_takes_holds_up_nobody() {
    let server = Server::of("echo");
    let text = "x".repeat(8 << 20);
    let body = json!({ "input": { "text": text } }).to_string();
    let head = REQUEST.split("content-length").next().unwrap_or_default();
    let before = server.descriptors();
    let deaf: Vec<TcpStream> = (0..4)
        .map(|_| begun(&server, &format!("{head}content-length: {}\r\n\r\n{body}", body.len())))
        .enumerate()
        .map(|(index, client)| {
            // An answer is on its way, which takes no slot; before, the request may still be read.
            let line = format!("\ncog_predictions_total{{status=\"succeeded\"}} {}\n", index + 1);
            server.wait_until("the model has answered", || server.get("/metrics").text().contains(&line));
            client
        })
        .collect();
    assert_serves(&server);
    drop(deaf);
    server.wait_until("all connections are closed", || server.descriptors() <= before);
}

#[test]
fn half_a_request_does_not_hold_up_the_end() {
    for half in ["", "POST /predic", &REQUEST[..REQUEST.len() - 5]] {
        let server = Server::of("echo");
        let client = begun(&server, half);
        std::thread::sleep(Duration::from_millis(100));
        let told = Instant::now();
        Server::signal(server.id(), Signal::TERM);
        server.finish_within(Duration::from_secs(20)).exits(0).leaves_nothing_running();
        assert!(told.elapsed() < Duration::from_secs(10), "{:?} after {half:?}", told.elapsed());
        drop(client);
    }
}

#[test]
fn clients_without_end_and_without_reason_do_not_keep_it_busy() {
    let server = Server::of("echo");
    let _silent: Vec<TcpStream> = (0..200).map(|_| begun(&server, "GET / HT")).collect();
    let before = server.work();
    std::thread::sleep(Duration::from_secs(3));
    let work = processes::work(server.id()) - before;
    assert!(work < Duration::from_millis(300), "{work:?} of work in three seconds");
}
