//! Weights in `cog predict`: the same files in a container and outside of one, and in no image.

use std::process::Command;

use cog_tests::docker::{self, ImageName};
use cog_tests::{Project, Registry, cog, needs_registry};

/// Reads one weight by its name, the other by its place in a container.
const READER: &str = "\
use cog::prelude::*;

struct Reader(String);

#[cog::predictor]
impl Reader {
    fn setup(ctx: &Setup) -> Result<Self> {
        let words = std::fs::read_to_string(ctx.weights(\"words/deep/one.txt\")?)?;
        let other = std::fs::read_to_string(ctx.weights(\"/src/other/two.txt\")?)?;
        Ok(Self(format!(\"{words} and {other}\")))
    }

    fn predict(&self) -> String {
        self.0.clone()
    }
}

fn main() -> ExitCode {
    cog::main::<Reader>()
}
";

fn config(registry: &Registry) -> String {
    format!(
        "model: {}/me/reader\nweights:\n\
         - {{name: words, target: /weights/words, source: {{uri: words, exclude: [\"*.md\"]}}}}\n\
         - {{name: other, target: /src/other, source: {{uri: other}}}}\n",
        registry.address()
    )
}

#[test]
fn a_model_reads_the_weights_that_were_imported_in_a_container_and_outside() {
    needs_registry!();
    let registry = Registry::open();
    let project = Project::kept("weights-reader", READER)
        .with("cog.yaml", config(&registry))
        .with("words/deep/one.txt", "one")
        .with("words/README.md", "a note")
        .with("other/two.txt", "two");
    let _stale = std::fs::remove_file(project.file("weights.lock"));
    let run = |words: &[&str]| cog(words).within(project.path());
    for words in [&["predict", "--local"][..], &["predict"], &["build"], &["push"]] {
        run(words).without_docker().run().exits(1).says("words: not imported yet").says("cog weights import");
    }
    run(&["weights", "import"]).run().succeeds();

    // What is read is what was imported, not what lies in the project.
    project.write("words/deep/one.txt", "something else");
    std::fs::remove_dir_all(project.file("other")).expect("a directory can be removed");
    run(&["predict", "--local"]).without_docker().run().succeeds().prints("one and two");
    run(&["predict"]).run().succeeds().prints("one and two").leaves_nothing_running();

    let elsewhere = Project::empty();
    let lacking = run(&["predict", "--local"]).env("COG_CACHE_DIR", elsewhere.path()).without_docker().run();
    lacking.exits(1).says("lacks `deep/one.txt`").says("cog weights pull words").says_one_thing();
    run(&["weights", "pull"]).env("COG_CACHE_DIR", elsewhere.path()).run().succeeds();
    let pulled = run(&["predict", "--local"]).env("COG_CACHE_DIR", elsewhere.path()).without_docker().run();
    pulled.succeeds().prints("one and two");
    let left = std::fs::read_dir(elsewhere.file("weights/mounts")).into_iter().flatten().count();
    assert_eq!(left, 0, "what was laid out goes with the model");

    let image = ImageName::fresh();
    run(&["build", "-t", &image]).run().succeeds();
    let files = files(&image);
    for path in ["src/.cog/weights.json", "src/words/README.md"] {
        assert!(files.lines().any(|line| line == path), "{path} in {files}");
    }
    assert!(!files.contains("one.txt"), "weights are in no image: {files}");

    project.write("cog.yaml", config(&registry).replace("/weights/words", "/weights/letters"));
    for words in [&["predict", "--local"][..], &["serve"], &["build"]] {
        run(words).without_docker().run().exits(1).says("another target").says("cog weights import");
    }
    project.write("cog.yaml", "build: {}\n");
    run(&["build"]).without_docker().run().exits(1).says("delete weights.lock");
}

/// The paths in an image.
fn files(image: &str) -> String {
    let container = docker::ask(["create", image]);
    let script = format!("docker export {container} | tar -t; docker rm {container} >/dev/null");
    let output = Command::new("sh").args(["-c", &script]).output().expect("a shell starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
