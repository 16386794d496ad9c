//! What people write into `cog.yaml`: what the program says of it, and what an editor does by the schema.
//!
//! `tests/cog-yaml` has the files. Each broken one has the program's words beside it.

use std::fs;
use std::path::{Path, PathBuf};

use cog_tests::{Outcome, Project, cog, repository};
use serde_json::Value;

/// Broken files in which every value has a good form, and what is wrong is beyond a schema.
const BEYOND_A_SCHEMA: &[&str] = &[
    // One value does not go with another.
    "cuda_and_architectures",
    "cudnn_of_another_cuda",
    // To JSON 12 and 12.0 are one number, and so are 1.70 and 1.7.
    "cuda_without_minor",
    "rust_version",
    // Editors refuse it by themselves.
    "duplicate_key",
];

fn files(directory: &str) -> Vec<(String, PathBuf)> {
    let directory = repository().join(directory);
    let entries = fs::read_dir(&directory).expect("the directory is there");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| (path.file_stem().expect("it has a name").to_string_lossy().into_owned(), path))
        .collect();
    files.sort();
    files
}

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file that was listed can be read")
}

/// What the program says to a project with this `cog.yaml` and nothing else.
fn outcome(text: &[u8], options: &[&str]) -> Outcome {
    let project = Project::empty().with("cog.yaml", text);
    cog(["dockerfile"]).within(project.path()).without_docker().args(options).run()
}

fn objects(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome.messages();
    lines.lines().map(|line| serde_json::from_str(line).expect("each line is an object")).collect()
}

#[test]
fn all_faults_of_a_broken_file_are_told_in_one_run_with_place_and_remedy() {
    let broken = files("tests/cog-yaml/broken");
    assert!(broken.len() >= 32, "cases are missing: {}", broken.len());
    for (name, path) in broken {
        let outcome = outcome(&bytes(&path), &[]).exits(1).prints("").does_not_say("panicked");
        insta::with_settings!({
            prepend_module_to_snapshot => false, snapshot_path => "../cog-yaml/broken", omit_expression => true
        }, {
            insta::assert_snapshot!(name, outcome.messages());
        });
    }
}

#[test]
fn programs_are_told_the_same_faults() {
    for (name, path) in files("tests/cog-yaml/broken") {
        let objects = objects(&outcome(&bytes(&path), &["--error-format", "json"]).exits(1));
        let told =
            fs::read_to_string(path.with_extension("snap")).expect("each has what people are told") + "\n";
        assert_eq!(told.matches("\nerror: cog.yaml:").count(), objects.len(), "{name}");
        for object in objects {
            let (line, column) = (&object["line"], &object["column"]);
            let message = object["message"].as_str().expect("it has a message");
            let hint = object["hint"].as_str().expect("it has a hint");
            assert!(
                told.contains(&format!("\nerror: cog.yaml:{line}:{column}: {message}\n")),
                "{name}: {object}"
            );
            assert!(told.contains(&format!("= help: {hint}\n")), "{name}: {object}");
            assert_eq!((&object["kind"], &object["file"]), (&"config".into(), &"cog.yaml".into()), "{name}");
            assert!(object["end_column"].as_u64() >= column.as_u64(), "{name}: {object}");
        }
    }
}

#[test]
fn a_file_too_long_to_be_settings_is_not_read() {
    let text = format!("# {}\nimage: Me\n", "x".repeat(2 << 20));
    outcome(text.as_bytes(), &[])
        .exits(1)
        .says("cog.yaml:1:1: the file has 2097")
        .does_not_say(&"x".repeat(100));
}

#[test]
fn a_file_that_is_good_has_no_faults() {
    for (name, path) in accepted() {
        let objects = objects(&outcome(&bytes(&path), &["--error-format", "json"]).exits(1));
        // There is no package.
        assert_eq!(objects.len(), 1, "{name}: {objects:?}");
        assert_eq!(objects[0]["kind"], "project", "{name}: {objects:?}");
    }
}

#[test]
fn the_schema_admits_what_is_good_and_nothing_that_is_broken_in_form() {
    let printed = cog(["schema", "--config"]).run().succeeds().json();
    let file = bytes(&repository().join("docs/cog.schema.json"));
    assert_eq!(
        printed,
        serde_json::from_slice::<Value>(&file).expect("the file is JSON"),
        "the file is stale"
    );
    jsonschema::draft7::meta::validate(&printed).expect("the schema is one");
    let schema = jsonschema::draft7::new(&printed).expect("the schema is one");
    for (name, path) in accepted() {
        let value: Value = serde_yaml::from_slice::<Option<Value>>(&bytes(&path))
            .expect("it is YAML")
            .unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        let faults: Vec<_> = schema.iter_errors(&value).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
    let mut admitted = Vec::new();
    for (name, path) in files("tests/cog-yaml/broken") {
        // What is no YAML at all, or has a key twice, an editor refuses by itself.
        if serde_yaml::from_slice::<Value>(&bytes(&path)).is_ok_and(|value| schema.is_valid(&value)) {
            admitted.push(name);
        }
    }
    let mut beyond = BEYOND_A_SCHEMA.to_vec();
    beyond.sort_unstable();
    assert_eq!(admitted, beyond);
}

/// Good files: those for this test, and those that people start from.
fn accepted() -> Vec<(String, PathBuf)> {
    let mut files = files("tests/cog-yaml/accepted");
    let examples = fs::read_dir(repository().join("examples")).expect("there are examples");
    let examples = examples.map(|entry| entry.expect("it can be read").path().join("cog.yaml"));
    let others = examples.filter(|path| path.is_file()).chain([repository().join("templates/init/cog.yaml")]);
    files.extend(others.map(|path| (path.display().to_string(), path)));
    assert!(files.len() > 8, "{files:?}");
    files
}
