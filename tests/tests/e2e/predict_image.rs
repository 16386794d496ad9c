//! `cog predict IMAGE`.

use cog_tests::docker::{self, ImageName};
use cog_tests::{cog, needs_docker};

use crate::models::sleeper_image;

#[test]
fn an_image_answers_and_its_container_goes() {
    needs_docker!();
    let run = cog(["predict", sleeper_image(), "-i", "seconds=0"]).run();
    run.succeeds()
        .prints("slept 0 s")
        .says("falling asleep")
        .does_not_say("listening on")
        .leaves_nothing_running();
    let told = cog(["predict", sleeper_image(), "-i", "seconds=0", "-e", "COG_LOG_LEVEL=info"]).run();
    told.succeeds().says("listening on");
}

#[test]
fn a_wrong_input_is_reported_before_a_container_starts() {
    needs_docker!();
    let run = cog(["predict", sleeper_image(), "-i", "seconds=-1"]).run();
    run.exits(1).says("seconds").says_one_thing().does_not_say("setting up").leaves_nothing_running();
}

#[test]
fn a_failed_prediction_leaves_no_container() {
    needs_docker!();
    let run = cog(["predict", sleeper_image(), "-i", "fail=true"]).run();
    run.exits(1).says("a bad dream").leaves_nothing_running();
}

#[test]
fn a_failed_prediction_as_json_leaves_no_container() {
    needs_docker!();
    let run = cog(["predict", sleeper_image(), "--json", r#"{"fail": true}"#]).run().exits(1);
    assert_eq!(run.json()["status"], "failed");
    run.leaves_nothing_running();
}

#[test]
fn a_failed_setup_leaves_no_container() {
    needs_docker!();
    let run = cog(["predict", sleeper_image(), "-e", "SETUP_SECONDS=fail"]).run();
    run.exits(1).says("there is no bed").leaves_nothing_running();
}

#[test]
fn a_setup_that_takes_too_long_leaves_no_container() {
    needs_docker!();
    let run = cog(["predict", sleeper_image(), "-e", "SETUP_SECONDS=600", "--setup-timeout", "2"]).run();
    run.exits(1).leaves_nothing_running();
}

#[test]
fn an_image_that_is_no_model_is_refused_before_it_starts() {
    needs_docker!();
    let image = ImageName::fresh();
    docker::ask(["tag", "debian:bookworm-slim", &image]);
    cog(["predict", &image, "-i", "x=1"])
        .run()
        .exits(1)
        .says(&image)
        .says_one_thing()
        .leaves_nothing_running();
}

#[test]
fn an_input_without_its_flag_is_not_taken_for_an_image() {
    cog(["predict", "name=Ada"]).run().says("name=Ada").says("-i");
}

#[test]
fn an_image_that_is_nowhere_is_named() {
    needs_docker!();
    let run = cog(["predict", "127.0.0.1:1/cog-tests/nowhere", "-i", "x=1"]).run();
    run.exits(1).says("127.0.0.1:1/cog-tests/nowhere").says_one_thing().leaves_nothing_running();
}
