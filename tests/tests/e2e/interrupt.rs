//! Ctrl-C at every stage: a non-zero exit soon after, no container, no process.

use std::time::{Duration, Instant};

use cog_tests::docker::ImageName;
use cog_tests::{Cog, EngineWay, Project, cog, needs_docker};
use rustix::process::Signal;

use crate::models::{sleeper, sleeper_image};

const INTERRUPT: i32 = 2;
const TERMINATE: i32 = 15;

/// Presses Ctrl-C once the run says `moment`.
fn interrupted_when(run: Cog, moment: &str) {
    let mut running = run.start();
    running.wait_until_it_says(moment);
    std::thread::sleep(Duration::from_millis(300));
    let pressed = Instant::now();
    running.interrupt();
    let outcome = running.finish_within(Duration::from_secs(30));
    assert!(pressed.elapsed() < Duration::from_secs(15), "it took {:?} to end", pressed.elapsed());
    outcome.ends_by_signal(INTERRUPT).does_not_say("panicked").leaves_nothing_running();
}

#[test]
fn while_the_standard_input_is_awaited() {
    for inputs in [["--json", "-"], ["--json", "@-"], ["-i", "file=@/dev/stdin"]] {
        for (signal, code) in [(Signal::INT, INTERRUPT), (Signal::TERM, TERMINATE)] {
            let running = cog(["predict", "--local"].iter().chain(&inputs))
                .within(sleeper().path())
                .stdin_stays_open()
                .start();
            std::thread::sleep(Duration::from_millis(500));
            running.signal_alone(signal);
            let outcome = running.finish_within(Duration::from_secs(5));
            outcome.ends_by_signal(code).does_not_say("panicked").leaves_nothing_running();
        }
    }
}

#[test]
fn during_the_compile_of_a_local_prediction() {
    let project = Project::model(include_str!("models/greeter.rs"))
        .with("build.rs", "fn main() {\n    std::thread::sleep(std::time::Duration::from_secs(600));\n}\n");
    let moment = format!("Compiling {}", project.name());
    interrupted_when(cog(["predict", "--local", "-i", "name=Ada"]).within(project.path()), &moment);
}

#[test]
fn during_the_setup_of_a_local_prediction() {
    let run = cog(["predict", "--local"]).within(sleeper().path()).env("SETUP_SECONDS", "600");
    interrupted_when(run, "setting up");
}

#[test]
fn during_a_local_prediction() {
    let run = cog(["predict", "--local", "-i", "seconds=600"]).within(sleeper().path());
    interrupted_when(run, "falling asleep");
}

#[test]
fn during_a_local_prediction_when_only_the_program_hears_of_it() {
    let mut running = cog(["predict", "--local", "-i", "seconds=600"]).within(sleeper().path()).start();
    running.wait_until_it_says("falling asleep");
    running.signal_alone(Signal::INT);
    running.finish_within(Duration::from_secs(30)).ends_by_signal(INTERRUPT).leaves_nothing_running();
}

#[test]
fn a_terminated_local_prediction_leaves_nothing_either() {
    let mut running = cog(["predict", "--local", "-i", "seconds=600"]).within(sleeper().path()).start();
    running.wait_until_it_says("falling asleep");
    running.signal_alone(Signal::TERM);
    running.finish_within(Duration::from_secs(30)).ends_by_signal(TERMINATE).leaves_nothing_running();
}

#[test]
fn a_killed_local_prediction_takes_its_model_along() {
    let mut running = cog(["predict", "--local", "-i", "seconds=600"]).within(sleeper().path()).start();
    running.wait_until_it_says("falling asleep");
    running.signal_alone(Signal::KILL);
    running.finish_within(Duration::from_secs(30)).leaves_nothing_running();
}

#[test]
fn the_container_of_a_killed_prediction_goes_with_the_next() {
    needs_docker!();
    let mut running = cog(["predict", sleeper_image(), "-i", "seconds=600"]).start();
    running.wait_until_it_says("falling asleep");
    running.signal_alone(Signal::KILL);
    let killed = running.finish_within(Duration::from_secs(10));
    cog(["predict", sleeper_image(), "-i", "seconds=0"]).run().succeeds();
    killed.leaves_nothing_running();
}

#[test]
fn during_an_image_build() {
    needs_docker!();
    let project = Project::initialised().with("cog.yaml", "build:\n  run:\n    - echo now; sleep 600\n");
    let image = ImageName::fresh();
    interrupted_when(cog(["build", "-t", &image]).within(project.path()), "sleep 600");
    assert!(!cog_tests::docker::has_image(&image), "nothing unfinished is tagged");
}

#[test]
fn who_asks_twice_does_not_wait_for_an_engine_that_is_frozen() {
    needs_docker!();
    let (image, way) = (ImageName::fresh(), EngineWay::open());
    // An image that the engine has is not given.
    let project = Project::initialised().with("note.txt", image.as_bytes());
    way.freeze_at_an_image();
    let build = cog(["build", "--builder", "host", "-t", &image]).within(project.path());
    let running = build.env("DOCKER_HOST", way.address()).start();
    let patience = Instant::now() + Duration::from_secs(300);
    while !way.is_frozen() {
        assert!(Instant::now() < patience, "the image is not given");
        std::thread::sleep(Duration::from_millis(50));
    }
    running.signal_alone(Signal::INT);
    std::thread::sleep(Duration::from_millis(500));
    running.signal_alone(Signal::INT);
    running.finish_within(Duration::from_secs(5)).ends_by_signal(INTERRUPT).does_not_say("panicked");
}

#[test]
fn during_the_build_of_a_prediction() {
    needs_docker!();
    let project = Project::initialised().with("cog.yaml", "build:\n  run:\n    - echo then; sleep 601\n");
    interrupted_when(cog(["predict", "-i", "name=Ada"]).within(project.path()), "sleep 601");
}

#[test]
fn during_the_build_for_a_command() {
    needs_docker!();
    let project = Project::initialised().with("cog.yaml", "build:\n  run:\n    - echo soon; sleep 602\n");
    interrupted_when(cog(["exec", "--", "true"]).within(project.path()), "sleep 602");
}

#[test]
fn during_the_setup_of_a_container() {
    needs_docker!();
    interrupted_when(cog(["predict", sleeper_image(), "-e", "SETUP_SECONDS=600"]), "setting up");
}

#[test]
fn during_a_prediction_in_a_container() {
    needs_docker!();
    interrupted_when(cog(["predict", sleeper_image(), "-i", "seconds=600"]), "falling asleep");
}

#[test]
fn a_terminated_prediction_leaves_no_container_nor_does_a_closed_terminal() {
    needs_docker!();
    // Who was started to outlive a terminal, as these tests may be, hears nothing of its end.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or_default();
    let outlives = u64::from_str_radix(ignored.trim(), 16).is_ok_and(|mask| mask & 1 == 1);
    let closed = if outlives { Signal::TERM } else { Signal::HUP };
    for signal in [Signal::TERM, closed, Signal::QUIT] {
        let mut running = cog(["predict", sleeper_image(), "-i", "seconds=600"]).start();
        running.wait_until_it_says("falling asleep");
        running.signal_alone(signal);
        running.finish_within(Duration::from_secs(30)).ends_by_signal(TERMINATE).leaves_nothing_running();
    }
}
