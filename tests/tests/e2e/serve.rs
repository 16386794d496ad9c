//! `cog serve`.

use std::time::{Duration, Instant};

use cog_tests::{Connection, Running, cog, free_port};
use serde_json::json;

use crate::models::greeter;

fn serving(port: u16) -> Running {
    let running = cog(["serve", "--local", "-p", &port.to_string()]).within(greeter().path()).start();
    let patience = Instant::now() + Duration::from_secs(300);
    loop {
        let reply = Connection::open(port).and_then(|mut connection| connection.get("/health-check"));
        if reply.is_ok_and(|reply| reply.json()["status"] == "READY") {
            return running;
        }
        assert!(Instant::now() < patience, "the model does not serve");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_project_serves_on_the_port_asked_for_until_ctrl_c() {
    let port = free_port();
    let running = serving(port);
    let body = json!({ "input": { "name": "Ada" } });
    let reply = Connection::open(port).and_then(|mut connection| connection.post("/predictions", &body));
    let reply = reply.expect("it serves");
    assert_eq!((reply.status, &reply.json()["output"]), (200, &json!("Hello, Ada!")));
    running.interrupt();
    // Ctrl-C is how one ends it: no failure.
    running.finish_within(Duration::from_secs(30)).exits(0).leaves_nothing_running();
    assert!(Connection::open(port).is_err(), "the port is free again");
}

#[test]
fn a_project_is_served_with_a_playground_beside_it() {
    let (port, page) = (free_port(), free_port());
    let arguments =
        ["serve", "--local", "-p", &port.to_string(), "--playground", "--playground-port", &page.to_string()];
    let mut running = cog(arguments).within(greeter().path()).start();
    running.wait_until_it_says(&format!("Playground at http://127.0.0.1:{page}"));
    let config =
        Connection::open(page).and_then(|mut connection| connection.get("/config")).expect("it answers");
    assert_eq!(config.json()["target"], format!("http://localhost:{port}"));
    running.interrupt();
    running.finish_within(Duration::from_secs(30)).exits(0).leaves_nothing_running();
    assert!(Connection::open(page).is_err(), "the port is free again");
}
