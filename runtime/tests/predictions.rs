//! Predictions over HTTP: what comes back, and what is refused.

mod support;

use serde_json::{Value, json};
use support::*;

#[test]
fn a_thousand_predictions_back_to_back_all_succeed() -> Tested {
    let server = serve(&[])?;
    let mut client = server.connect()?;
    for number in 0..1000 {
        let body = json!({"input": {"text": number.to_string()}}).to_string();
        let answer = client.ask("POST", "/predictions", &[JSON], body.as_bytes())?;
        assert_eq!(answer.status, 200, "request {number}: {}", answer.text());
        assert_eq!(answer.json()?["output"], number.to_string());
    }
    Ok(())
}

#[test]
fn text_from_rust_c_and_child_processes_belongs_to_the_prediction() -> Tested {
    let server = serve(&[])?;
    for (act, logs) in [("print", "x\n"), ("c", "x and stdio"), ("child", "x\n"), ("log", "x\n")] {
        assert_eq!(server.predict(json!({"act": act, "text": "x"}))?["logs"], logs, "{act}");
    }
    Ok(())
}

#[test]
fn printed_and_logged_text_keep_their_order() -> Tested {
    let server = serve(&[])?;
    assert_eq!(server.predict(json!({"act": "order"}))?["logs"], "one\ntwo\nthree\n");
    Ok(())
}

#[test]
fn a_line_without_an_end_does_not_leak_into_the_next_prediction() -> Tested {
    let server = serve(&[])?;
    assert_eq!(server.predict(json!({"act": "tail", "text": "mine"}))?["logs"], "mine");
    assert_eq!(server.predict(json!({"act": "echo"}))?["logs"], "");
    Ok(())
}

#[test]
fn a_failed_prediction_keeps_its_logs() -> Tested {
    let server = serve(&[])?;
    let failed = server.predict(json!({"act": "fail", "text": "bad value"}))?;
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["logs"], "about to fail\n");
    assert!(failed["error"].as_str().is_some_and(|error| error.contains("bad value")), "{failed}");
    assert!(failed["metrics"]["predict_time"].is_f64());
    assert_eq!(failed.get("output"), None);
    Ok(())
}

#[test]
fn the_largest_body_passes_and_one_byte_more_does_not() -> Tested {
    const LARGEST: usize = 104_857_600;
    let server = serve(&[])?;
    let frame = json!({"input": {"act": "size", "text": ""}}).to_string();
    let text = "x".repeat(LARGEST - frame.len());
    let body = json!({"input": {"act": "size", "text": text}}).to_string();
    assert_eq!(body.len(), LARGEST);
    let answer = server.connect()?.ask("POST", "/predictions", &[JSON], body.as_bytes())?;
    assert_eq!(answer.json()?["output"], text.len().to_string());
    let body = body + " ";
    let answer = server.connect()?.ask("POST", "/predictions", &[JSON], body.as_bytes())?;
    assert_eq!(answer.status, 413);
    assert_eq!(server.predict(json!({"text": "still here"}))?["output"], "still here");
    Ok(())
}

#[test]
fn an_id_is_any_text_and_never_a_path() -> Tested {
    let server = serve(&[])?;
    for id in ["", "../../etc/passwd", "/tmp/x", "a\0b", "é 𝄞", &"x".repeat(1024)] {
        let answer = server.post("/predictions", &json!({"id": id, "input": {"text": "hi"}}))?.json()?;
        assert_eq!((&answer["id"], &answer["output"]), (&json!(id), &json!("hi")));
    }
    let long = server.post("/predictions", &json!({"id": "x".repeat(1025), "input": {"text": "hi"}}))?;
    assert_eq!(long.status, 422);
    let answer = server.connect()?.ask("PUT", "/predictions/a%2Fb%00%20", &[JSON], b"{}")?;
    assert_eq!(answer.json()?["id"], "a/b\0 ");
    Ok(())
}

#[test]
fn nesting_up_to_the_limit_reaches_the_model() -> Tested {
    let server = serve(&[])?;
    // The envelope, the input and the value's own object are three levels of 127.
    let deep = format!("{{\"d\":{}{}}}", "[".repeat(124), "]".repeat(124));
    let body = format!("{{\"input\":{{\"act\":\"any\",\"any\":{deep}}}}}");
    let answer = server.connect()?.ask("POST", "/predictions", &[JSON], body.as_bytes())?;
    assert_eq!(answer.json()?["output"], deep, "{}", answer.text());
    Ok(())
}

#[test]
fn put_joins_what_is_in_flight_and_post_does_not_take_its_id() -> Tested {
    let server = serve(&[])?;
    let body = json!({"id": "j", "input": {"act": "sleep", "seconds": 5}});
    assert_eq!(server.post_async(&body)?.json()?, json!({"id": "j", "status": "starting"}));
    until("processing", || {
        let joined = server.connect()?.ask("PUT", "/predictions/j", &[JSON], b"{}")?;
        assert_eq!(joined.status, 202);
        let joined = joined.json()?;
        assert_eq!(joined["input"]["act"], "sleep");
        Ok(joined["status"] == "processing" && joined["logs"] == "sleeping\n")
    })?;
    assert_eq!(server.post("/predictions", &json!({"id": "j", "input": {}}))?.status, 409);
    assert_eq!(server.post("/predictions", &json!({"input": {}}))?.status, 409);
    assert_eq!(server.post("/predictions/j/cancel", &json!(null))?.status, 200);
    server.wait_for("READY")
}

#[test]
fn concurrency_is_that_of_the_environment() -> Tested {
    let server = serve(&[("COG_MAX_CONCURRENCY", "3")])?;
    let slow = json!({"input": {"act": "sleep", "seconds": 1}});
    for _ in 0..3 {
        assert_eq!(server.post_async(&slow)?.status, 202);
    }
    assert_eq!(server.health()?["status"], "BUSY");
    assert_eq!(server.post_async(&slow)?.status, 409);
    server.wait_for("READY")
}

#[test]
fn a_data_url_becomes_a_file_that_is_gone_afterwards() -> Tested {
    let server = serve(&[])?;
    let read = server.predict(json!({"act": "read", "file": "data:text/plain;base64,aGk="}))?;
    assert_eq!(read["output"], "file.txt:hi");
    let path = server.predict(json!({"act": "where", "file": "data:text/plain,hi"}))?;
    let path = path["output"].as_str().unwrap_or_default().to_owned();
    assert!(path.starts_with('/'), "{path}");
    until("no file", || Ok(!std::fs::exists(&path)?))
}

#[test]
fn local_files_and_damaged_urls_are_refused() -> Tested {
    let server = serve(&[])?;
    for file in [
        "/etc/hostname",
        "file:///etc/hostname",
        "data:image/png;base64,a*b",
        "http://127.0.0.1:1/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
    ] {
        let failed = server.predict(json!({"act": "read", "file": file}))?;
        let error = failed["error"].as_str().unwrap_or_default();
        assert!(error.starts_with("Input validation error: "), "{file}: {failed}");
    }
    Ok(())
}

/// Method, path, headers, body, and the status that they get.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, u16);

#[test]
fn bad_requests_are_told_apart_in_the_documented_order() -> Tested {
    let server = serve(&[])?;
    let text = ("content-type", "text/plain");
    let cases: [Case<'_>; 12] = [
        ("POST", "/predictions", &[text], "{", 415),
        ("POST", "/predictions", &[JSON], "{", 400),
        ("POST", "/predictions", &[], "{", 415),
        ("POST", "/predictions", &[JSON], r#"{"id":5}"#, 422),
        ("PUT", "/predictions/a", &[JSON], r#"{"id":"b"}"#, 422),
        ("POST", "/predictions", &[JSON, ("accept", "text/event-stream")], r#"{"input":5}"#, 406),
        ("POST", "/predictions", &[JSON], r#"{"input":5}"#, 422),
        ("GET", "/predictions", &[], "", 405),
        ("GET", "/nowhere", &[], "", 404),
        ("PUT", "/predictions/a/b", &[JSON], "{}", 404),
        ("POST", "/predictions/unknown/cancel", &[text], "{", 404),
        ("POST", "/predictions", &[], r#"{"input":{"text":"read as JSON"}}"#, 200),
    ];
    for (method, path, headers, body, status) in cases {
        let answer = server.connect()?.ask(method, path, headers, body.as_bytes())?;
        assert_eq!(answer.status, status, "{method} {path} {headers:?} {body}: {}", answer.text());
    }
    Ok(())
}

#[test]
fn the_signature_is_the_same_over_http_and_from_the_command() -> Tested {
    let server = serve(&[])?;
    let output = std::process::Command::new(probe()?).arg("schema").output()?;
    let printed: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(server.get("/openapi.json")?.json()?, printed);
    Ok(())
}

#[test]
fn one_prediction_needs_no_server() -> Tested {
    let run = |arguments: &[&str]| {
        std::process::Command::new(probe()?).args(arguments).output().map_err(Into::into)
    };
    let run: &dyn Fn(&[&str]) -> Tested<std::process::Output> = &run;
    let good = run(&["predict", "-i", "text=hi", "-i", "seconds=0"])?;
    assert_eq!((good.status.code(), String::from_utf8(good.stdout)?.as_str()), (Some(0), "setting up\nhi\n"));
    let bad = run(&["predict", "-i", "seconds=-1", "-i", "txet=hi"])?;
    let said = String::from_utf8(bad.stderr)?;
    assert_eq!(bad.status.code(), Some(1));
    assert!(said.contains("no input `txet`"), "{said}");
    let usage = run(&["predict", "seconds"])?;
    assert_eq!(usage.status.code(), Some(2));
    Ok(())
}
