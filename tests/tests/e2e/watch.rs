//! `cog serve --watch` and `cog predict --watch`: a model that follows its source.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cog_tests::{Connection, Project, cog, free_port, needs_docker, shell};
use serde_json::json;

/// A model that greets with these words.
fn source(greeting: &str) -> String {
    let code = "use cog::prelude::*;\n\n#[cog::predict]\nfn greet(name: String) -> Result<String> {\n    \
                Ok(format!(\"WORDS, {name}!\"))\n}\n\nfn main() -> ExitCode {\n    cog::main::<greet>()\n}\n";
    code.replace("WORDS", greeting)
}

/// What the model answers; `None` where the request was refused or lost.
fn answer(port: u16) -> Option<String> {
    let mut connection = Connection::open(port).ok()?;
    let reply = connection.post("/predictions", &json!({ "input": { "name": "Ada" } })).ok()?;
    (reply.status == 200).then(|| reply.json()["output"].as_str().map(str::to_owned))?
}

fn wait_for_answer(port: u16, wanted: &str) {
    let patience = Instant::now() + Duration::from_secs(600);
    while answer(port).as_deref() != Some(wanted) {
        assert!(Instant::now() < patience, "the model never answered {wanted:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Edits a model that is served by `cog serve --watch` with these arguments, while somebody keeps asking.
fn edit_while_somebody_asks(arguments: &[&str]) {
    let project = Project::model(&source("Hello"));
    let port = free_port();
    let number = port.to_string();
    // Two ask at a time.
    let fixed = ["serve", "--watch", "-e", "COG_QUEUE_LIMIT=9", "-p", &number];
    let mut running = cog(fixed.iter().chain(arguments)).within(project.path()).start();
    running.wait_until_it_says("Serving at");
    let over = AtomicBool::new(false);
    let answers: Vec<Option<String>> = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut answers = Vec::new();
            while !over.load(Ordering::Relaxed) {
                answers.push(answer(port));
                std::thread::sleep(Duration::from_millis(5));
            }
            answers
        });
        for greeting in ["Good day", "Ahoy"] {
            project.write("src/main.rs", source(greeting));
            wait_for_answer(port, &format!("{greeting}, Ada!"));
        }
        // A fault is shown, and the model from before goes on.
        project.write("src/main.rs", source("Bye").replace("Ok(", "Okay("));
        running.wait_until_it_says("the model from before serves on");
        assert_eq!(answer(port).as_deref(), Some("Ahoy, Ada!"));
        project.write("src/main.rs", source("Bye"));
        wait_for_answer(port, "Bye, Ada!");
        over.store(true, Ordering::Relaxed);
        asking.join().expect("it does not panic")
    });
    let lost = answers.iter().filter(|answer| answer.is_none()).count();
    assert_eq!(lost, 0, "of {} requests", answers.len());
    running.interrupt();
    let outcome = running.finish_within(Duration::from_secs(60)).exits(0);
    outcome.says("Okay").says("src/main.rs changed").leaves_nothing_running();
}

#[test]
fn edits_are_answered_and_no_request_is_lost_or_refused_meanwhile() {
    edit_while_somebody_asks(&["--local"]);
}

#[test]
fn edits_are_answered_from_containers_just_so() {
    needs_docker!();
    edit_while_somebody_asks(&[]);
}

#[test]
fn a_prediction_is_made_again_after_each_edit() {
    let project = Project::model(&source("Hello"));
    let mut running = cog(["predict", "--watch", "--local", "-i", "name=Ada"]).within(project.path()).start();
    running.wait_until_it_says("Hello, Ada!");
    running.wait_until_it_says("Waiting for a change");
    project.write("src/main.rs", source("Ahoy"));
    running.wait_until_it_says("Ahoy, Ada!");
    running.interrupt();
    running.finish_within(Duration::from_secs(60)).exits(0).leaves_nothing_running();
}

#[test]
fn its_own_words_in_a_file_of_the_project_are_no_change() {
    let project = Project::model(&source("Hello"));
    // Compiled beforehand: what follows is short.
    cog(["predict", "--local", "-i", "name=Ada"]).within(project.path()).run().succeeds();
    let line = "timeout -s INT 10 cog predict --local --watch -i name=Ada >answers.txt 2>words.txt; \
                grep -c Ada answers.txt; grep -c changed words.txt || true";
    let (_, counted) = shell(line, project.path());
    assert_eq!(counted, "1\n0\n", "one answer, and no change");
}
