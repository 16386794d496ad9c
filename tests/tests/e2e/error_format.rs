//! `--error-format json`: what ends the program, for programs.

use std::time::Duration;

use cog_tests::{Cog, Outcome, Project, cog};
use rustix::process::Signal;
use serde_json::{Value, json};

fn told(outcome: &Outcome) -> Vec<Value> {
    let messages = outcome.messages();
    messages
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {outcome}")))
        .collect()
}

fn as_json(run: Cog) -> Cog {
    run.arg("--error-format=json").without_docker()
}

#[test]
fn each_fault_of_cog_yaml_is_an_object_with_its_place() {
    let project = Project::empty().with("cog.yaml", "build:\n  gup: true\nimage: Me/Model\n");
    let outcome = as_json(cog(["build"])).within(project.path()).run().exits(1).prints("");
    assert_eq!(
        told(&outcome),
        [
            json!({
                "kind": "config", "message": "unknown key `build.gup`", "hint": "did you mean `gpu`?", "causes": [],
                "exit_code": 1, "file": "cog.yaml", "line": 2, "column": 3, "end_column": 6, "snippet": "  gup: true",
            }),
            json!({
                "kind": "config", "message": "`Me/Model` is not a name for an image",
                "hint": "names are in lower case: write `me/model`", "causes": [],
                "exit_code": 1, "file": "cog.yaml", "line": 3, "column": 8, "end_column": 16,
                "snippet": "image: Me/Model",
            }),
        ]
    );
}

#[test]
fn a_command_line_that_makes_no_sense_is_an_object() {
    let outcome = as_json(cog(["biuld"])).run().exits(2).prints("");
    let [object] = &told(&outcome)[..] else { panic!("one object: {outcome}") };
    assert_eq!((&object["kind"], &object["exit_code"]), (&json!("usage"), &json!(2)));
    assert_eq!(object["message"], "unrecognized subcommand 'biuld'");
    assert!(object["hint"].as_str().is_some_and(|hint| hint.contains("'build'")), "{object}");

    let outcome = as_json(cog(["build", "--no-such-flag"])).run().exits(2).prints("");
    let [object] = &told(&outcome)[..] else { panic!("one object: {outcome}") };
    assert!(object["message"].as_str().is_some_and(|message| message.contains("--no-such-flag")), "{object}");
}

#[test]
fn help_is_no_error() {
    let outcome = as_json(cog(["build", "--help"])).run().succeeds();
    assert_eq!(outcome.messages(), "");
    assert!(outcome.output().contains("Usage: cog build"), "{outcome}");
}

#[test]
fn a_command_that_fails_is_an_object_with_its_causes() {
    let nothing = Project::empty();
    let outcome = as_json(cog(["build"])).within(nothing.path()).run().exits(1).prints("");
    let [object] = &told(&outcome)[..] else { panic!("one object: {outcome}") };
    assert_eq!((&object["kind"], &object["exit_code"]), (&json!("project"), &json!(1)));
    assert!(object["message"].as_str().is_some_and(|message| message.contains("no `cog.yaml`")), "{object}");
    assert!(object["hint"].as_str().is_some_and(|hint| hint.contains("cog init")), "{object}");
    assert!(object.get("line").is_none() && object.get("debug").is_none(), "{object}");

    let outcome =
        as_json(cog(["predict", "some/image", "-i", "name=Ada", "--debug"])).run().exits(1).prints("");
    let [object] = &told(&outcome)[..] else { panic!("one object: {outcome}") };
    assert_eq!(object["kind"], "engine");
    assert!(object["causes"].is_array() && object["debug"].is_string(), "{object}");
}

#[test]
fn a_signal_is_an_object() {
    let running = as_json(cog(["predict", "--local", "--json", "@-"])).stdin_stays_open().start();
    std::thread::sleep(Duration::from_millis(500));
    running.signal_alone(Signal::TERM);
    let outcome = running.finish_within(Duration::from_secs(5)).exits(143);
    let [object] = &told(&outcome)[..] else { panic!("one object: {outcome}") };
    assert_eq!((&object["kind"], &object["exit_code"]), (&json!("interrupted"), &json!(143)));
}

#[test]
fn an_unknown_format_is_a_usage_error() {
    cog(["build", "--error-format", "yaml"]).run().exits(2).says("choose text or json").prints("");
}
