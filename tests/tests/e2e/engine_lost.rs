//! An engine that goes away in the middle of its work, as one does that is restarted: told as such, nothing unfinished is
//! named, and when it is back the same command goes on from what was finished.

use std::time::Duration;

use cog_tests::docker::{self, ImageName};
use cog_tests::{EngineWay, Outcome, Project, cog, needs_docker};

use crate::push_directly::hello;

fn is_told(outcome: Outcome) {
    let outcome = outcome.exits(1).says("the Docker engine went away").says("run this again");
    outcome.says_one_thing().leaves_nothing_running();
}

#[test]
fn in_the_middle_of_a_step() {
    needs_docker!();
    let way = EngineWay::open();
    let step = |command: &str| format!("build:\n  run:\n    - {command}\n");
    let project = Project::initialised().with("cog.yaml", step("echo begun; sleep 600"));
    let image = ImageName::fresh();
    let build = || {
        let arguments = ["build", "--builder", "docker", "--progress", "plain", "-t", &image];
        cog(arguments).within(project.path()).env("DOCKER_HOST", way.address())
    };
    let mut running = build().start();
    running.wait_until_it_says("sleep 600");
    std::thread::sleep(Duration::from_millis(500));
    way.cut();
    is_told(running.finish_within(Duration::from_secs(60)));
    build().run().exits(1).says("no Docker engine answers").says_one_thing();
    assert!(!docker::has_image(&image), "nothing unfinished is named");
    way.mend();
    project.write("cog.yaml", step("echo done"));
    let again = build().run().succeeds();
    let compiled = again.messages().lines().filter(|line| line.contains("compile.sh")).count();
    assert!(compiled > 0 && !again.messages().contains("Compiling"), "it is compiled already: {again}");
}

#[test]
fn in_the_middle_of_a_load() {
    needs_docker!();
    let way = EngineWay::open();
    let project = hello();
    let image = ImageName::fresh();
    let build = || {
        let build = cog(["build", "--builder", "host", "-t", &image]).within(project.path());
        // An image that the engine has is not loaded at all.
        build.env("GITHUB_SHA", &*image).env("DOCKER_HOST", way.address())
    };
    way.cut_after(1 << 20);
    is_told(build().run());
    assert!(!docker::has_image(&image), "nothing unfinished is named");
    way.mend();
    build().run().succeeds().leaves_nothing_running();
    assert!(cog(["predict", &image, "-i", "name=Ada"]).run().succeeds().output().contains("hello Ada"));
}
