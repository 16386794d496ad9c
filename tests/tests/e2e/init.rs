//! The first ten minutes: `cog init`, and what its own text suggests.

use cog_tests::docker::ImageName;
use cog_tests::{Project, cog, needs_docker};

#[test]
fn a_new_project_predicts_at_once_without_docker() {
    let project = Project::empty();
    let told = cog(["init"]).within(project.path()).run().succeeds();
    assert!(told.messages().contains("cog predict --local"), "init says how to go on: {told}");
    cog(["predict", "--local"])
        .within(project.path())
        .without_docker()
        .input("name=Ada")
        .run()
        .succeeds()
        .leaves_nothing_running();
}

#[test]
fn a_new_project_builds_and_predicts_in_a_container_without_an_edit() {
    needs_docker!();
    let project = Project::initialised();
    let image = ImageName::fresh();
    cog(["build", "-t", &image]).within(project.path()).run().succeeds().leaves_nothing_running();
    let contained = cog(["predict", &image]).input("name=Ada").run().succeeds().leaves_nothing_running();
    assert!(contained.output().contains("Ada"), "{contained}");
}

#[test]
fn a_new_project_holds_everything_it_needs() {
    let project = Project::initialised();
    for file in ["cog.yaml", "Cargo.toml", "src/main.rs", "vendor/cog/runtime/Cargo.toml"] {
        assert!(project.file(file).is_file(), "{file}");
    }
    let manifest = std::fs::read_to_string(project.file("Cargo.toml")).expect("it was just written");
    assert!(manifest.contains("vendor/cog/runtime"), "{manifest}");
}

#[test]
fn files_that_are_there_are_kept() {
    let project = Project::empty().with("cog.yaml", "# mine\n");
    let _ = cog(["init"]).within(project.path()).run();
    let kept = std::fs::read_to_string(project.file("cog.yaml")).expect("it is still there");
    assert_eq!(kept, "# mine\n");
}
