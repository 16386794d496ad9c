//! What orchestrators and operators ask.

use cog_tests::Server;
use rustix::process::Signal;
use serde_json::json;

#[test]
fn readiness_follows_setup() {
    let server = Server::started("setupslow", &[]);
    server.wait_for_health("STARTING");
    assert_eq!(server.get("/readyz").status, 503);
    assert_eq!(server.get("/livez").status, 200);
    server.wait_for_health("READY");
    assert_eq!(server.get("/readyz").status, 200);
}

#[test]
fn a_failed_setup_is_for_an_orchestrator_to_restart() {
    let server = Server::started("setupfail", &[]);
    server.wait_for_health("SETUP_FAILED");
    assert_eq!(server.get("/readyz").status, 503);
    assert_eq!(server.get("/livez").status, 503);
}

#[test]
fn metrics_count_what_happened() {
    let server = Server::of("echo");
    for _ in 0..3 {
        server.predict(&json!({ "text": "x" }));
    }
    for worker in server.workers() {
        Server::signal(worker, Signal::KILL);
    }
    server.wait_until("the loss is counted", || {
        server.get("/metrics").text().contains("cog_worker_losses_total{cause=\"signal\"} 1")
    });
    let reply = server.get("/metrics");
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = reply.text();
    for line in [
        "cog_predictions_total{status=\"succeeded\"} 3",
        "cog_prediction_duration_seconds_count 3",
        "cog_queue_depth 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
}
