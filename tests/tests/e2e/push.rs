//! `cog push` to a real registry, and back.

use cog_tests::docker::ImageName;
use cog_tests::{PASSWORD, Project, Registry, USER, cog, needs_registry};

#[test]
fn an_image_goes_to_an_open_registry_and_its_digest_is_told() {
    needs_registry!();
    let registry = Registry::open();
    let project = Project::initialised();
    let image = ImageName::of(registry.reference("me/hello"));
    let run = cog(["push", &image]).within(project.path()).run().succeeds().leaves_nothing_running();
    assert!(registry.has("me/hello", "latest"), "{run}");
    let digest = registry.digest("me/hello", "latest");
    assert!(run.output().contains(&digest) || run.messages().contains(&digest), "{digest}: {run}");
}

#[test]
fn a_pushed_image_is_pulled_back_and_answers() {
    needs_registry!();
    let registry = Registry::guarded();
    let config = Project::empty();
    registry.log_in(config.path(), USER, PASSWORD);
    let project = Project::initialised();
    let image = ImageName::of(registry.reference("me/hello"));
    cog(["push", &image]).within(project.path()).env("DOCKER_CONFIG", config.path()).run().succeeds();
    let run = cog(["predict", &image, "-i", "name=Ada"]).env("DOCKER_CONFIG", config.path()).run().succeeds();
    assert!(run.output().contains("Ada"), "{run}");
    run.leaves_nothing_running();
}

#[test]
fn a_wrong_password_gives_one_clear_message() {
    needs_registry!();
    let registry = Registry::guarded();
    let config = Project::empty();
    registry.log_in(config.path(), USER, "wrong-horse");
    let project = Project::initialised();
    let image = ImageName::of(registry.reference("me/hello"));
    let run = cog(["push", &image]).within(project.path()).env("DOCKER_CONFIG", config.path()).run();
    run.exits(1)
        .says(&registry.address())
        .says_one_thing()
        .does_not_say("wrong-horse")
        .leaves_nothing_running();
    assert!(!registry.has("me/hello", "latest"), "nothing got in");
}

#[test]
fn a_registry_that_asks_for_a_login_is_named_to_those_without_one() {
    needs_registry!();
    let registry = Registry::guarded();
    let nobody = Project::empty();
    let project = Project::initialised();
    let image = ImageName::of(registry.reference("me/hello"));
    let run = cog(["push", &image]).within(project.path()).env("DOCKER_CONFIG", nobody.path()).run();
    run.exits(1).says(&registry.address()).says("login").says_one_thing();
}

#[test]
fn a_push_without_a_name_says_where_to_put_one() {
    let project = Project::initialised();
    let run = cog(["push"]).within(project.path()).run();
    run.exits(1).says("image").says_one_thing().leaves_nothing_running();
}

#[test]
fn a_registry_that_is_not_there_is_named() {
    needs_registry!();
    let project = Project::initialised();
    let image = ImageName::of("127.0.0.1:1/me/hello");
    let run = cog(["push", &image]).within(project.path()).run();
    run.exits(1).says("127.0.0.1:1").says_one_thing().leaves_nothing_running();
}
