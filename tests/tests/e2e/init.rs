//! The first ten minutes: `cog init`, and what its own text suggests.

use cog_tests::docker::ImageName;
use cog_tests::{Project, cog, needs_docker, shell};

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

#[test]
fn a_template_predicts_as_its_own_text_says_and_passes_its_own_tests() {
    for (template, answer) in
        [("hello", "Hello, World!"), ("image", ""), ("text-stream", "One word after another")]
    {
        let project = Project::empty();
        let told = cog(["init", "--template", template]).within(project.path()).run().succeeds();
        let messages = told.messages();
        let line = messages.lines().find(|line| line.contains("--local -i")).expect("it says how");
        let (code, printed) = shell(line.trim(), project.path());
        assert_eq!((code, printed.trim()), (0, answer), "{line}");
        assert_eq!(project.file("small.png").is_file(), template == "image");
        let (code, printed) = shell("cargo test --release --quiet", project.path());
        assert!(code == 0 && !printed.contains(" 0 passed"), "{template}: {printed}");
    }
}

#[test]
fn a_package_that_is_there_becomes_a_model() {
    let project = Project::empty()
        .with("Cargo.toml", "[workspace]\nmembers = [\"shout\"]\nresolver = \"3\"\n")
        .with("shout/Cargo.toml", "[package]\nname = \"shout\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
        .with("shout/src/lib.rs", "pub fn shout(text: &str) -> String {\n    text.to_uppercase()\n}\n");
    let told = cog(["init"]).within(project.path().join("shout")).run().succeeds();
    assert!(told.messages().contains("Created src/bin/model.rs"), "{told}");
    let model = std::fs::read_to_string(project.file("shout/src/bin/model.rs")).expect("it was written");
    project.write("shout/src/bin/model.rs", model.replace("Ok(text)", "Ok(shout::shout(&text))"));
    let (code, _) = shell("cargo generate-lockfile --quiet", project.path());
    assert_eq!(code, 0, "the manifests make sense to Cargo");
    let predict = cog(["predict", "--local", "-i", "text=hello"]).within(project.path().join("shout"));
    predict.run().succeeds().prints("HELLO").leaves_nothing_running();
}
