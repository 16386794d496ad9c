//! What happens to predictions and to the server when the model's process dies, or is to be stopped.

mod support;

use std::time::{Duration, Instant};

use serde_json::json;
use support::*;

const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

#[test]
fn a_worker_killed_in_a_prediction_fails_it_with_the_cause_and_is_replaced() -> Tested {
    let server = serve(&[])?;
    let worker = server.worker()?;
    let mut client = server.connect()?;
    let body = json!({"input": {"act": "sleep", "seconds": 30}}).to_string();
    client.send("POST", "/predictions", &[JSON], body.as_bytes())?;
    server.wait_for("BUSY")?;
    std::thread::sleep(Duration::from_millis(100));
    kill(worker, SIGKILL)?;
    let failed = client.answer()?.json()?;
    assert_eq!(failed["status"], "failed");
    assert!(failed["error"].as_str().is_some_and(|error| error.contains("SIGKILL")), "{failed}");
    assert_eq!(failed["logs"], "sleeping\n");
    server.wait_for("READY")?;
    assert_eq!(server.predict(json!({"text": "hi"}))?["output"], "hi");
    assert_eq!(state_of(worker), None, "the dead worker was not reaped");
    Ok(())
}

#[test]
fn a_killed_supervisor_leaves_no_worker() -> Tested {
    let mut server = serve(&[])?;
    let worker = server.worker()?;
    server.post_async(&json!({"input": {"act": "stubborn", "seconds": 60}}))?;
    server.child.kill()?;
    server.child.wait()?;
    until("no worker", || Ok(state_of(worker).is_none_or(|state| state == "Z")))
}

#[test]
fn each_way_to_die_is_named_and_the_last_words_are_kept() -> Tested {
    let server = serve(&[])?;
    for (act, cause) in [("exit", "exited with code 7"), ("segv", "SIGSEGV"), ("abort", "SIGABRT")] {
        let failed = server.predict(json!({"act": act}))?;
        assert_eq!(failed["status"], "failed");
        assert!(failed["error"].as_str().is_some_and(|error| error.contains(cause)), "{act}: {failed}");
        if act == "exit" {
            assert_eq!(failed["logs"], "about to exit\n");
        }
        server.wait_for("READY")?;
        assert_eq!(server.predict(json!({"text": "alive"}))?["output"], "alive");
    }
    Ok(())
}

#[test]
fn the_third_death_in_a_row_makes_the_server_defunct() -> Tested {
    let server = serve(&[])?;
    for _ in 0..2 {
        server.predict(json!({"act": "exit"}))?;
        server.wait_for("READY")?;
    }
    server.predict(json!({"act": "exit"}))?;
    server.wait_for("DEFUNCT")?;
    assert_eq!(server.post("/predictions", &json!({"input": {}}))?.status, 503);
    Ok(())
}

#[test]
fn a_panic_fails_its_prediction_and_spares_the_worker() -> Tested {
    let server = serve(&[])?;
    let worker = server.worker()?;
    let failed = server.predict(json!({"act": "panic", "text": "no luck"}))?;
    let error = failed["error"].as_str().unwrap_or_default();
    assert!(error.contains("no luck") && error.contains("probe.rs:"), "{failed}");
    assert_eq!(server.worker()?, worker);
    Ok(())
}

#[test]
fn a_failed_setup_is_told_with_its_output_and_refuses_predictions() -> Tested {
    for (how, words) in [("fail", "no weights"), ("panic", "setup panics"), ("exit", "exited with code 9")] {
        let server = start(&[("PROBE_SETUP", how)])?;
        server.wait_for("SETUP_FAILED")?;
        let health = server.health()?;
        let logs = health["setup"]["logs"].as_str().unwrap_or_default();
        assert!(logs.starts_with("setting up\n") && logs.contains(words), "{how}: {logs}");
        assert_eq!(health["setup"]["status"], "failed");
        assert_eq!(server.post("/predictions", &json!({"input": {}}))?.status, 503);
        assert_eq!(server.get("/openapi.json")?.status, 503);
    }
    Ok(())
}

#[test]
fn a_setup_over_its_time_is_stopped() -> Tested {
    let server = start(&[("PROBE_SETUP", "hang"), ("COG_SETUP_TIMEOUT", "1")])?;
    assert_eq!(server.health()?["status"], "STARTING");
    server.wait_for("SETUP_FAILED")?;
    let health = server.health()?;
    let logs = health["setup"]["logs"].as_str().unwrap_or_default();
    assert!(logs.starts_with("setting up\n") && logs.contains("timed out after 1 s"), "{logs}");
    Ok(())
}

#[test]
fn a_cancelled_prediction_that_notices_stops_at_once() -> Tested {
    let server = serve(&[])?;
    let worker = server.worker()?;
    let mut client = server.connect()?;
    let body = json!({"id": "c", "input": {"act": "sleep", "seconds": 30}}).to_string();
    client.send("POST", "/predictions", &[JSON], body.as_bytes())?;
    server.wait_for("BUSY")?;
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(server.post("/predictions/c/cancel", &json!(null))?.status, 200);
    let canceled = client.answer()?.json()?;
    assert_eq!((&canceled["status"], &canceled["logs"]), (&json!("canceled"), &json!("sleeping\n")));
    assert_eq!(server.worker()?, worker);
    assert_eq!(server.post("/predictions/c/cancel", &json!(null))?.status, 404);
    Ok(())
}

#[test]
fn a_cancelled_prediction_that_does_not_notice_is_killed_after_the_grace() -> Tested {
    let server = serve(&[("COG_CANCEL_GRACE", "0.3")])?;
    let mut client = server.connect()?;
    let body = json!({"id": "c", "input": {"act": "stubborn", "seconds": 60}}).to_string();
    client.send("POST", "/predictions", &[JSON], body.as_bytes())?;
    server.wait_for("BUSY")?;
    for _ in 0..2 {
        assert_eq!(server.post("/predictions/c/cancel", &json!(null))?.status, 200);
    }
    assert_eq!(client.answer()?.json()?["status"], "canceled");
    server.wait_for("READY")?;
    assert_eq!(server.predict(json!({"text": "hi"}))?["output"], "hi");
    Ok(())
}

#[test]
fn a_caller_who_hangs_up_cancels() -> Tested {
    let server = serve(&[])?;
    let mut client = server.connect()?;
    let body = json!({"input": {"act": "sleep", "seconds": 60}}).to_string();
    client.send("POST", "/predictions", &[JSON], body.as_bytes())?;
    server.wait_for("BUSY")?;
    drop(client);
    server.wait_for("READY")
}

#[test]
fn sigterm_lets_running_predictions_finish_and_takes_no_more() -> Tested {
    let mut server = serve(&[])?;
    let mut client = server.connect()?;
    let body = json!({"input": {"act": "sleep", "seconds": 0.7}}).to_string();
    client.send("POST", "/predictions", &[JSON], body.as_bytes())?;
    server.wait_for("BUSY")?;
    server.signal(SIGTERM)?;
    until("no listener", || Ok(server.connect().is_err()))?;
    assert_eq!(client.answer()?.json()?["status"], "succeeded");
    assert!(server.child.wait()?.success());
    Ok(())
}

#[test]
fn shutdown_does_not_wait_longer_than_its_grace() -> Tested {
    let mut server = serve(&[("COG_SHUTDOWN_GRACE", "0.3")])?;
    let worker = server.worker()?;
    let mut client = server.connect()?;
    let body = json!({"id": "cut", "input": {"act": "stubborn", "seconds": 60}}).to_string();
    client.send("POST", "/predictions", &[JSON], body.as_bytes())?;
    server.wait_for("BUSY")?;
    let start = Instant::now();
    let joined = server.connect()?.ask("PUT", "/predictions/cut", &[JSON], b"{}")?;
    assert_eq!(joined.status, 202);
    assert_eq!(server.post("/shutdown", &json!(null))?.text(), "{}");
    assert!(server.child.wait()?.success());
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(client.answer()?.json()?["error"], "the server was shut down");
    assert_eq!(state_of(worker), None);
    Ok(())
}

#[test]
fn a_shutdown_in_setup_is_immediate() -> Tested {
    let mut server = start(&[("PROBE_SETUP", "hang")])?;
    server.signal(SIGTERM)?;
    assert!(server.child.wait()?.success());
    Ok(())
}

#[test]
fn a_taken_port_and_a_bad_one_are_told_in_one_line() -> Tested {
    let server = start(&[])?;
    let port = server.port.to_string();
    for (port, words) in
        [(port.as_str(), "cannot listen on"), ("70000", "PORT is `70000`"), ("x", "PORT is `x`")]
    {
        let output =
            std::process::Command::new(probe()?).args(["--host", "127.0.0.1"]).env("PORT", port).output()?;
        let said = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(1));
        assert!(said.contains(words) && said.lines().count() == 1, "{said}");
    }
    Ok(())
}
