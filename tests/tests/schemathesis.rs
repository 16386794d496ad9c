//! Schemathesis makes requests up from the OpenAPI documents of our models: whatever it sends, no server fails, and every
//! answer is what the document says.
//!
//! Its other checks (is each status documented, …) do not apply: the document is, to the letter, the one that clients
//! know, and that one is silent about refusals.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use cog_tests::{Server, python_programs};

const VERSION: &str = "schemathesis==4.32.0";

/// A model for each shape of inputs and outputs.
const MODELS: [&str; 9] =
    ["echo", "inputs", "union", "regex", "filein", "model_out", "stream", "iter", "secret"];

#[test]
fn no_request_makes_a_server_fail_or_answer_otherwise_than_documented() {
    let Some(programs) = python_programs("schemathesis", &[VERSION]) else { return };
    let schemathesis = programs.join("schemathesis");
    std::thread::scope(|scope| {
        for models in MODELS.chunks(MODELS.len().div_ceil(2)) {
            scope.spawn(|| models.iter().for_each(|model| check(&schemathesis, model)));
        }
    });
}

fn check(schemathesis: &PathBuf, model: &str) {
    // Some inputs say how long it takes, and may be told anything.
    let server = Server::with(model, &[("COG_PREDICT_TIMEOUT", "1"), ("COG_CANCEL_GRACE", "0.5")]);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let document = format!("http://127.0.0.1:{}/openapi.json", server.port());
    let run = Command::new(schemathesis)
        .args(["run", &document, "--checks", "not_a_server_error,response_schema_conformance"])
        .args([
            "--max-examples",
            "25",
            "--seed",
            "1",
            "--generation-database",
            "none",
            "--request-timeout",
            "30",
        ])
        .args(["--suppress-health-check", "all", "--no-color"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("it was installed");
    let said = [&run.stdout, &run.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
    assert!(run.status.success(), "{model}: {said}");
    server.wait_for_health("READY");
}
