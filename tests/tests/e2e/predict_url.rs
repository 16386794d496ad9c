//! `cog predict --url`: a model that runs already.

use cog_tests::{Cog, Server, cog, free_port};
use serde_json::json;

fn ask(server: &Server) -> Cog {
    cog(["predict", "--url"]).arg(format!("http://127.0.0.1:{}/", server.port())).without_docker()
}

#[test]
fn it_is_asked_without_a_project_and_without_docker() {
    let server = Server::of("stream");
    ask(&server).input("n=2").run().succeeds().prints("tok0 tok1 ").says("starting to stream");
}

#[test]
fn its_log_is_shown_whether_it_tells_events_or_not() {
    let server = Server::of("logs");
    ask(&server).run().succeeds().says("stdout line");
}

#[test]
fn its_inputs_are_checked_before_it_is_asked() {
    let server = Server::of("stream");
    ask(&server).input("nonsense=2").run().exits(1).says("nonsense").says_one_thing();
}

#[test]
fn a_machine_gets_the_whole_answer() {
    let server = Server::of("stream");
    let answer = ask(&server).arg("--json").arg(r#"{"n": 1}"#).run().succeeds().json();
    assert_eq!(answer["status"], "succeeded");
    assert_eq!(answer["output"], json!(["tok0 "]));
    assert_eq!(answer["metrics"]["tokens"], 1);
}

#[test]
fn where_no_model_is_that_is_said() {
    let run = cog(["predict", "--url"]).arg(format!("http://127.0.0.1:{}", free_port())).run();
    run.exits(1).says("there is no Cog model at http://127.0.0.1").says_one_thing();
}

#[test]
fn a_path_too_many_is_told() {
    let server = Server::of("stream");
    let run = cog(["predict", "--url"]).arg(format!("http://127.0.0.1:{}/predictions", server.port())).run();
    run.exits(1).says("no path such as").says_one_thing();
}

#[test]
fn many_predictions_give_a_figure() {
    let server = Server::of("tokens");
    let run = ask(&server).arg("--repeat").arg("5").run().succeeds();
    assert!(run.output().starts_with("5 predictions, 1 at a time, in "), "{run}");
    let run = ask(&server).arg("--repeat").arg("3").arg("--json").arg("{}").run().succeeds();
    let figure = run.json();
    assert_eq!((&figure["succeeded"], &figure["failed"]), (&json!(3), &json!(0)));
    assert!(figure["latency_seconds"]["p99"].as_f64() > Some(0.0));
}

#[test]
fn predictions_that_fail_are_counted_and_fail_the_command() {
    let server = Server::of("failing");
    let run = ask(&server).arg("--repeat").arg("2").run().exits(1);
    run.says("2 of 2 predictions failed").says_one_thing();
}
