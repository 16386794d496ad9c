//! `cog inspect`: an image is shown wherever it lies, and pulled from nowhere.

use cog_tests::docker::{self, ImageName};
use cog_tests::{Cog, PASSWORD, Project, Registry, USER, cog, needs_registry};

use crate::push_directly::{hello, push};

fn inspect(image: &str) -> Cog {
    cog(["inspect", image]).without_docker()
}

#[test]
fn an_image_is_shown_in_a_registry_and_a_directory_without_an_engine() {
    needs_registry!();
    let (project, registry, config) = (hello(), Registry::guarded(), Project::empty());
    registry.log_in(config.path(), USER, PASSWORD);
    let name = registry.reference("me/hello:v1");
    push(&project, &name).env("DOCKER_CONFIG", config.path()).run().succeeds();
    let remote = |name: &str| inspect(name).env("DOCKER_CONFIG", config.path());
    let shown = remote(&name).run().succeeds();
    for text in [
        "name",
        "string",
        "required",
        "the model",
        "linux/amd64",
        " MiB",
        "run.cog.config",
        "Output\n  string",
    ] {
        assert!(shown.output().contains(text), "{text}: {shown}");
    }
    let described = remote(&name).arg("--json").run().succeeds().json();
    let digest = registry.digest("me/hello", "v1");
    assert_eq!(described["digest"], digest.as_str());
    assert_eq!(described["place"], "registry");
    assert!(described["schema"]["components"]["schemas"]["Input"]["properties"].get("name").is_some());
    let pinned = registry.reference(&format!("me/hello@{digest}"));
    let by_digest = remote(&pinned).arg("--json").run().succeeds().json();
    assert_eq!(by_digest["layers"], described["layers"]);

    let place = Project::empty();
    let directory = format!("oci:{}", place.file("image").display());
    let build = cog(["build", "--builder", "host", "--output", &directory]).within(project.path());
    build.without_docker().run().succeeds();
    let in_directory = inspect(&directory).arg("--json").run().succeeds().json();
    assert_eq!(in_directory["digest"], digest.as_str());
    assert_eq!(in_directory["layers"], described["layers"]);

    remote(&registry.reference("me/hello:v2")).run().exits(1).says("me/hello:v2").says_one_thing();
    inspect(&name).env("DOCKER_CONFIG", place.path()).run().exits(1).says("cog login").says_one_thing();
    inspect("oci:/nonexistent").run().exits(1).says("/nonexistent").says_one_thing();
}

#[test]
fn an_image_of_the_engines_is_shown_as_it_is_there() {
    needs_registry!();
    let (project, image) = (hello(), ImageName::fresh());
    let build = cog(["build", "--builder", "host", "-t", &image]).within(project.path());
    build.run().succeeds();
    let shown = cog(["inspect", &image, "--json"]).run().succeeds().json();
    assert_eq!(shown["place"], "engine");
    let id = docker::ask(["image", "inspect", &image, "--format", "{{.Id}}"]);
    assert_eq!(shown["id"], id.as_str());
    assert!(shown["layers"].as_array().is_some_and(|layers| layers.len() >= 2), "{shown}");
}

const CALLED: &str = "\
use std::process::ExitCode;

#[cog::predict]
fn hello(NAME: String) -> cog::Result<String> {
    Ok(NAME)
}

fn main() -> ExitCode {
    cog::main::<hello>()
}
";

#[test]
fn a_push_that_breaks_callers_is_told_or_refused() {
    needs_registry!();
    let registry = Registry::open();
    let name = registry.reference("me/hello:v1");
    push(&hello(), &name).run().succeeds().does_not_say("break");
    let before = registry.digest("me/hello", "v1");
    let renamed = Project::kept("called", &CALLED.replace("NAME", "whom"));
    let checked = push(&renamed, &name).arg("--check-schema").run();
    checked
        .exits(1)
        .says("`name` is gone, and `whom` is new in its place")
        .says("another tag")
        .says_one_thing();
    assert_eq!(registry.digest("me/hello", "v1"), before, "the name stays where it was");
    push(&renamed, &registry.reference("me/hello:v2")).arg("--check-schema").run().succeeds();
    push(&renamed, &name).run().succeeds().says("callers of").says("`name` is gone");
    assert_ne!(registry.digest("me/hello", "v1"), before);
}
