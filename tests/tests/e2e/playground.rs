//! The playground's server: who may use it, and what goes through it.

use std::time::{Duration, Instant};

use cog_tests::{Playground, Receiver, Server, cog, free_port};
use serde_json::json;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn target(server: &Server) -> String {
    format!("http://127.0.0.1:{}", server.port())
}

#[test]
fn the_page_is_served_with_a_policy_and_tells_where_the_model_is() {
    let server = Server::of("echo");
    let playground = Playground::of(&server);
    let page = playground.ask("GET", "/", &[], b"");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").expect("there is a policy");
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        "style-src 'self';",
        "connect-src 'self';",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy} has no {part}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let config = playground.ask("GET", "/config", &[], b"").json();
    assert_eq!(config["target"], format!("http://localhost:{}", server.port()));
    assert_eq!(config["webhookBase"], format!("http://127.0.0.1:{}", playground.port()));
    assert!(config["cogVersion"].is_string());
    assert_eq!(playground.ask("GET", "/assets/../main.rs", &[], b"").status, 404);
    playground.interrupt().exits(0).leaves_nothing_running();
}

#[test]
fn other_hosts_and_the_pages_of_others_are_refused() {
    let server = Server::of("echo");
    let playground = Playground::of(&server);
    let foreign = [("origin", "http://evil.example")];
    for path in ["/", "/config", "/assets/main.js", "/events?token=0123456789abcdef", "/proxy/health-check"] {
        assert_eq!(playground.ask("GET", path, &foreign, b"").status, 403, "{path}");
        let mut connection = playground.connect();
        // The connection of the tests says `localhost` by itself, so that there are two.
        let reply = connection.request("GET", path, &[("host", "evil.example")], b"").expect("an answer");
        assert_eq!(reply.status, 403, "{path}");
    }
    let raw = std::net::TcpStream::connect(("127.0.0.1", playground.port())).expect("it listens");
    let answer = one_reply(raw, "GET /config HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

fn one_reply(mut stream: std::net::TcpStream, request: &str) -> String {
    use std::io::{Read, Write};
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn requests_reach_the_model_without_what_is_none_of_its_business() {
    let receiver = Receiver::answering(|_| 200);
    let playground = Playground::with("http://localhost:1", &[]);
    let origin = receiver.url("");
    let headers = [
        ("x-cog-target", origin.as_str()),
        ("cookie", "session=1"),
        ("authorization", "Bearer mine"),
        ("origin", "http://localhost"),
        ("referer", "http://localhost/"),
        ("content-type", "application/json"),
        ("x-mine", "kept"),
    ];
    let reply = playground.ask("POST", "/proxy/predictions/a%2Fb?x=1", &headers, b"{\"input\": {}}");
    assert_eq!(reply.status, 200);
    assert!(reply.header("x-cog-upstream-headers").is_some());
    let received = receiver.received().pop().expect("it got there");
    assert_eq!((received.method.as_str(), received.path.as_str()), ("POST", "/predictions/a%2Fb?x=1"));
    assert_eq!(received.body, b"{\"input\": {}}");
    assert_eq!(received.header("x-mine"), Some("kept"));
    for never in ["cookie", "authorization", "origin", "referer", "x-cog-target"] {
        assert_eq!(received.header(never), None, "{never}");
    }
}

#[test]
fn a_target_has_to_be_an_origin_and_to_answer() {
    let playground = Playground::with("http://localhost:1", &[]);
    for bad in ["ftp://localhost", "http://me@localhost:1", "http://localhost:1/#x", "localhost", ""] {
        let reply = playground.ask("GET", "/proxy/health-check", &[("x-cog-target", bad)], b"");
        assert_eq!(reply.status, 400, "{bad}");
    }
    assert_eq!(playground.ask("GET", "/proxy/health-check", &[], b"").status, 400);
    let nobody = format!("http://localhost:{}", free_port());
    let reply = playground.ask("GET", "/proxy/health-check", &[("x-cog-target", &nobody)], b"");
    assert_eq!(reply.status, 502);
    assert!(reply.json()["error"].as_str().is_some_and(|error| error.contains(&nobody)), "{}", reply.text());
}

#[test]
fn events_come_through_as_they_are_made() {
    let server = Server::of("stream");
    let playground = Playground::of(&server);
    let mut connection = playground.connect();
    let body = json!({ "id": "slow", "input": { "n": 3, "delay": 60 } }).to_string();
    let target = target(&server);
    let headers = [
        ("x-cog-target", target.as_str()),
        ("accept", "text/event-stream"),
        ("content-type", "application/json"),
    ];
    connection.send("POST", "/proxy/predictions", &headers, body.as_bytes()).expect("it is sent");
    assert_eq!(connection.events().expect("an answer"), 200);
    // The second token is a minute away: what comes now was not kept back.
    let first = loop {
        let event = connection.event().expect("it goes on").expect("it has not ended");
        if event.name == "output" {
            break event;
        }
    };
    assert_eq!(first.data, json!({ "chunk": "tok0 ", "index": 0 }));
    // Who reads no more has the prediction cancelled, through the playground as without it.
    drop(connection);
    server.wait_until("the prediction is cancelled", || {
        server.get("/predictions/slow").json()["status"] == "canceled"
    });
}

#[test]
fn webhooks_reach_the_page_that_waits_for_them_and_no_other() {
    let server = Server::of("echo");
    let playground = Playground::of(&server);
    let path = format!("/webhook/{TOKEN}");
    assert_eq!(playground.ask("POST", &path, &[], b"{}").status, 503, "nobody listens");
    assert_eq!(playground.ask("POST", "/webhook/short", &[], b"{}").status, 404);
    assert_eq!(playground.ask("GET", "/events?token=short", &[], b"").status, 404);

    let mut page = playground.connect();
    page.send("GET", &format!("/events?token={TOKEN}"), &[], b"").expect("it is sent");
    assert_eq!(page.events().expect("an answer"), 200);
    assert_eq!(playground.ask("GET", &path, &[], b"").status, 405);
    let raw = std::net::TcpStream::connect(("127.0.0.1", playground.port())).expect("it listens");
    let length = (10 << 20) + 1;
    let answer = one_reply(
        raw,
        &format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"),
    );
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    // A model is no page: where it comes from and what host it asks for does not matter.
    let foreign =
        [("origin", "http://model.example"), ("webhook-id", "m1"), ("authorization", "Bearer secret")];
    assert_eq!(playground.ask("POST", &path, &foreign, b"{\"status\": \"processing\"}").status, 204);
    let event = page.event().expect("it goes on").expect("it has not ended");
    assert_eq!((event.name.as_str(), &event.data["body"]), ("webhook", &json!({ "status": "processing" })));
    assert_eq!(event.data["headers"]["webhook-id"], "m1");
    assert_eq!(event.data["headers"].get("authorization"), None);

    drop(page);
    let patience = Instant::now() + Duration::from_secs(60);
    while playground.ask("POST", &path, &[], b"{}").status != 503 {
        assert!(Instant::now() < patience, "a page that left is forgotten");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn only_so_many_webhooks_come_in_at_a_time() {
    let playground = Playground::with("http://localhost:1", &[]);
    let mut page = playground.connect();
    page.send("GET", &format!("/events?token={TOKEN}"), &[], b"").expect("it is sent");
    assert_eq!(page.events().expect("an answer"), 200);
    let path = format!("/webhook/{TOKEN}");
    // Sixteen that never end, and some more: one that comes while a request below has a turn is refused.
    let unfinished: Vec<_> = (0..24)
        .map(|_| {
            let mut stream =
                std::net::TcpStream::connect(("127.0.0.1", playground.port())).expect("it listens");
            let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n");
            std::io::Write::write_all(&mut stream, head.as_bytes()).expect("it reads");
            stream
        })
        .collect();
    let patience = Instant::now() + Duration::from_secs(20);
    while playground.ask("POST", &path, &[], b"{}").status != 429 {
        assert!(Instant::now() < patience, "the seventeenth is refused");
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(unfinished);
}

#[test]
fn a_taken_port_and_a_target_that_is_none_are_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let port = taken.local_addr().expect("it has an address").port().to_string();
    cog(["playground", "--no-open", "-p", &port])
        .run()
        .exits(1)
        .says("cannot listen")
        .says("choose another port");
    cog(["playground", "--no-open", "--target", "localhost"])
        .run()
        .exits(1)
        .says("no model's address")
        .says("hint");
    let same = free_port().to_string();
    cog(["serve", "--local", "--playground", "-p", &same, "--playground-port", &same])
        .run()
        .exits(1)
        .says("--playground-port");
}
