//! Weights in `cog predict`: the same files in a container and outside of one, and in no image.

use std::process::Command;

use cog_tests::docker::{self, ImageName};
use cog_tests::{Project, Registry, cog, leave_out, needs_registry, skip};
use serde_json::{Value, json};

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

    pushed_beside_its_image(&project, &registry);

    project.write("cog.yaml", config(&registry).replace("/weights/words", "/weights/letters"));
    for words in [&["predict", "--local"][..], &["serve"], &["build"]] {
        run(words).without_docker().run().exits(1).says("another target").says("cog weights import");
    }
    project.write("cog.yaml", "build: {}\n");
    run(&["build"]).without_docker().run().exits(1).says("delete weights.lock");
}

/// An index names the image and the weights; not before the registry has all of them.
fn pushed_beside_its_image(project: &Project, registry: &Registry) {
    let push = || cog(["push", "--builder", "host"]).within(project.path()).env("COG_MODEL_TAG", "v1");
    let other = Registry::open();
    let run = push().env("COG_MODEL_REGISTRY", other.address()).without_docker().run();
    run.exits(1).says("has no weight `words`").says("cog weights import words").does_not_say("Building");
    assert!(!other.has("me/reader", "cog-image.v1") && !other.has("me/reader", "v1"), "nothing is named");

    let run = push().without_docker().run().succeeds();
    let text = std::fs::read(project.file("weights.lock")).expect("the lock file is written");
    let lock: Value = serde_json::from_slice(&text).expect("JSON");
    let index: Value = serde_json::from_slice(&registry.manifest("me/reader", "v1")).expect("JSON");
    let members = index["manifests"].as_array().expect("members");
    assert_eq!(members.len(), 3, "{index}");
    for (entry, member) in lock["weights"].as_array().into_iter().flatten().zip(&members[1..]) {
        let digest = entry["digest"].as_str().unwrap_or_default();
        let manifest = registry.manifest("me/reader", digest);
        let expected = json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "size": manifest.len(),
            "digest": digest,
            "annotations": {
                "run.cog.weight.name": entry["name"],
                "run.cog.weight.set-digest": entry["setDigest"],
                "run.cog.weight.size.uncompressed": entry["size"].to_string(),
            },
            "platform": { "architecture": "unknown", "os": "unknown" },
            "artifactType": "application/vnd.cog.weight.v1",
        });
        assert_eq!(*member, expected);
        assert!(
            run.messages().contains(&format!("weight  {}", entry["name"].as_str().unwrap_or_default())),
            "{run}"
        );
    }
    let seen = cog(["inspect", &format!("{}:v1", registry.reference("me/reader"))]).run().succeeds();
    assert!(seen.output().contains("words"), "{seen}");
    let weight = lock["weights"][0]["digest"].as_str().unwrap_or_default();
    read_by_another_tool(registry, weight);
}

/// What was pushed is whole and well-formed to somebody else: the index as it is, and copies of a weight and of all of it.
fn read_by_another_tool(registry: &Registry, weight: &str) {
    let place = Project::empty();
    let name = format!("docker://{}", registry.reference("me/reader"));
    let skopeo = |words: &[&str]| Command::new("skopeo").args(words).output();
    let Ok(raw) = skopeo(&["inspect", "--raw", "--tls-verify=false", &format!("{name}:v1")]) else {
        return skip("`skopeo` is not installed (Debian has a package of that name)");
    };
    let index = registry.manifest("me/reader", "v1");
    assert_eq!(raw.stdout, index, "{}", String::from_utf8_lossy(&raw.stderr));
    let copied = |from: &str, all: &[&str]| {
        let to = format!("dir:{}", place.file("copy").display());
        let words =
            [&["copy", "--insecure-policy", "--preserve-digests", "--src-tls-verify=false", from, &to], all]
                .concat();
        let copied = skopeo(&words).expect("it has run before");
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
        std::fs::read(place.file("copy/manifest.json")).expect("skopeo writes the manifest")
    };
    assert_eq!(copied(&format!("{name}@{weight}"), &[]), registry.manifest("me/reader", weight));
    let version =
        String::from_utf8_lossy(&skopeo(&["--version"]).expect("it has run before").stdout).into_owned();
    if knows_artifacts(&version) {
        assert_eq!(copied(&format!("{name}:v1"), &["--all"]), index);
    } else {
        leave_out(&format!(
            "{} drops `artifactType` from an index that it copies; 1.15 keeps it",
            version.trim()
        ));
    }
}

/// Whether a `skopeo` of this version keeps all of an index that it copies.
fn knows_artifacts(version: &str) -> bool {
    let mut numbers =
        version.rsplit(' ').next().unwrap_or_default().split('.').map_while(|number| number.parse().ok());
    (numbers.next(), numbers.next()) >= (Some(1_u32), Some(15))
}

/// The paths in an image.
fn files(image: &str) -> String {
    let container = docker::ask(["create", image]);
    let script = format!("docker export {container} | tar -t; docker rm {container} >/dev/null");
    let output = Command::new("sh").args(["-c", &script]).output().expect("a shell starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
