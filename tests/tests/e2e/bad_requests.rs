//! Requests that are no requests, or too much of one.

use std::io::{Read, Write};
use std::time::Duration;

use cog_tests::{Reply, Server};
use serde_json::{Value, json};

fn assert_serves(server: &Server) {
    let reply = server.predict(&json!({ "text": "x" }));
    assert_eq!((reply.status, reply.json()["output"].as_str()), (200, Some("hello x")), "{}", reply.text());
}

/// What the server says to these bytes, up to the end of its answer's head.
fn said_to(server: &Server, bytes: &[u8]) -> String {
    let mut client = server.dial();
    client.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit can be set");
    // It may have heard enough before the end.
    let _enough = client.write_all(bytes);
    // Who has said all, to the end of a head or of a body, would be taken for one who hung up, and may go without an
    // answer.
    if !bytes.ends_with(b"\r\n\r\n") && !bytes.ends_with(b"{}") {
        let _no_more = client.shutdown(std::net::Shutdown::Write);
    }
    let mut said = Vec::new();
    let _cut_short = client.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

fn post(server: &Server, body: &str) -> Reply {
    let headers = [("content-type", "application/json")];
    server.connect().request("POST", "/predictions", &headers, body.as_bytes()).expect("an answer")
}

#[test]
fn heads_that_are_too_large_or_no_heads_are_refused() {
    let server = Server::of("echo");
    let long = "x".repeat(40 << 10);
    let many = "x: y\r\n".repeat(101);
    let enough = "x: y\r\n".repeat(90);
    for (name, request, answer) in [
        ("a long header", format!("GET / HTTP/1.1\r\nhost: h\r\nx: {long}\r\n\r\n"), "431"),
        ("a header without end", format!("GET / HTTP/1.1\r\nhost: h\r\nx: {long}"), "431"),
        ("too many headers", format!("GET / HTTP/1.1\r\nhost: h\r\n{many}\r\n"), "431"),
        ("many headers", format!("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{enough}\r\n"), "200"),
        ("a long path", format!("GET /{long} HTTP/1.1\r\nhost: h\r\n\r\n"), "431"),
        ("a word without end", long.clone(), "4"),
        ("nothing", String::new(), ""),
        ("a byte that is none", "GET / HTTP/1.1\r\nx: \0\r\n\r\n".to_owned(), "400"),
        ("another protocol", "\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03".to_owned(), "400"),
        ("a version from the future", "GET / HTTP/9.9\r\n\r\n".to_owned(), "400"),
        ("two lengths", "GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n".to_owned(), "400"),
        ("no length", "POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n".to_owned(), "400"),
        ("a great length", format!("POST / HTTP/1.1\r\ncontent-length: {}9\r\n\r\n", u64::MAX), "400"),
    ] {
        let said = said_to(&server, request.as_bytes());
        let status = said.strip_prefix("HTTP/1.1 ").unwrap_or(&said);
        assert!(status.starts_with(answer) && said.is_empty() == answer.is_empty(), "{name}: {said}");
        assert_serves(&server);
    }
}

#[test]
fn bodies_that_lie_about_their_length_are_refused_or_read_as_said() {
    let server = Server::of("echo");
    let head = "POST /predictions HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n";
    for (name, rest, answer) in [
        ("a chunk without size", "transfer-encoding: chunked\r\n\r\nx\r\n", "400"),
        ("a chunk that is too large", "transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n", "400"),
        ("two ways to say it", "content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        (
            "a body for which a word was awaited",
            "expect: 100-continue\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
            "100",
        ),
        ("a body that ends too soon", "content-length: 9\r\n\r\n{", "400"),
    ] {
        let said = said_to(&server, format!("{head}{rest}").as_bytes());
        let status = said.strip_prefix("HTTP/1.1 ").unwrap_or(&said);
        assert!(status.starts_with(answer), "{name}: {said}");
        assert_serves(&server);
    }
}

#[test]
fn json_that_is_too_deep_is_refused_wherever_it_is() {
    let server = Server::of("echo");
    for depth in [200, 100_000, 5_000_000] {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            for body in [
                format!(r#"{{"input":{{"text":{deep}}}}}"#),
                format!(r#"{{"input":{{"text":"x","unknown":{deep}}}}}"#),
                format!(r#"{{"input":{{"text":"x"}},"unknown":{deep}}}"#),
                format!(r#"{{"context":{deep}}}"#),
                deep.clone(),
                open.repeat(depth),
            ] {
                let reply = post(&server, &body);
                let beginning: String = body.chars().take(60).collect();
                assert!(
                    matches!(reply.status, 200 | 400 | 413 | 422),
                    "{} to {depth} of {beginning}",
                    reply.status
                );
                assert!(reply.body.len() < 100_000, "{} bytes of answer", reply.body.len());
            }
        }
        assert_serves(&server);
    }
    let bearable = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let reply = post(&server, &format!(r#"{{"input":{{"text":"x","unknown":{bearable}}}}}"#));
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[test]
fn json_of_very_many_values_is_refused_before_it_takes_memory() {
    let server = Server::of("echo");
    let before = server.memory();
    for values in ["0,".repeat(20_000_000), r#"{"":0},"#.repeat(5_000_000)] {
        let reply = post(&server, &format!(r#"{{"input":{{"text":"x","unknown":[{values}0]}}}}"#));
        assert_eq!(reply.status, 413, "{}", reply.text());
    }
    let large = "x".repeat(50 << 20);
    assert_eq!(post(&server, &json!({ "input": { "text": large } }).to_string()).status, 200);
    let peak = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    let peak = peak.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let peak: Option<u64> = peak.and_then(|peak| peak.parse().ok());
    let peak = peak.expect("Linux tells how much it was") << 10;
    assert!(peak < before + (700 << 20), "{} MiB", peak >> 20);
}

#[test]
fn others_are_answered_while_a_large_request_is_read() {
    let server = Server::of("echo");
    let values = "0,".repeat(4_000_000);
    let body = format!(r#"{{"input":{{"text":"x","unknown":[{values}0]}}}}"#);
    let mut waits = Vec::new();
    std::thread::scope(|threads| {
        let large = threads.spawn(|| post(&server, &body).status);
        while !large.is_finished() {
            let start = std::time::Instant::now();
            assert_eq!(server.get("/livez").status, 200);
            waits.push(start.elapsed());
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(large.join().expect("a status"), 200);
    });
    waits.sort_unstable();
    // Reading it takes seconds without optimisation. Checking it afterwards is quick.
    let worst = waits.last().copied().unwrap_or_default();
    assert!(worst < Duration::from_millis(1500), "{worst:?}");
}

#[test]
fn a_great_many_mistakes_get_a_short_answer() {
    let server = Server::of("inputs");
    let wrong = vec![0; 1_000_000];
    let reply = server.predict(&json!({ "prompt": "p", "tags": wrong }));
    assert_eq!(reply.status, 422);
    assert_eq!(reply.json()["detail"].as_array().map(Vec::len), Some(100));
    let reply = server.predict(&json!({ "prompt": "p", "count": "x".repeat(10 << 20) }));
    assert_eq!(reply.status, 422);
    assert!(reply.body.len() < 100_000, "{} bytes", reply.body.len());
}

#[test]
fn a_great_many_unknown_inputs_are_one_line_in_the_log() {
    let server = Server::of("echo");
    let mut input: serde_json::Map<String, Value> =
        (0..50_000).map(|number| (format!("unknown-{number}"), Value::Null)).collect();
    input.insert("text".to_owned(), "x".into());
    assert_eq!(server.predict(&input.into()).status, 200);
    Server::signal(server.id(), rustix::process::Signal::TERM);
    let ended = server.finish_within(Duration::from_secs(20)).exits(0);
    assert!(ended.messages().len() < 10_000, "{} bytes of log", ended.messages().len());
}

#[test]
fn a_great_many_files_are_refused_before_each_takes_its_folder() {
    let server = Server::of("filein");
    let answer = server.predict(&json!({ "paths": vec!["data:,"; 10_001] })).json();
    assert_eq!(answer["status"], "failed");
    assert!(answer["error"].as_str().is_some_and(|error| error.contains("10001 files")), "{answer}");
    assert_eq!(server.predict(&json!({ "paths": ["data:,x"] })).json()["status"], "succeeded");
}
