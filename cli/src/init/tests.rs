#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::ValueEnum;

use super::{Error, Report, Template, package_name, run};

#[test]
fn a_package_is_named_after_its_directory_as_far_as_cargo_allows() {
    let names = [
        ("hello", "hello"),
        ("My Model", "my-model"),
        ("snake_case", "snake_case"),
        (".hidden", "hidden"),
        ("3d-faces", "model-3d-faces"),
        ("größe", "gr-e"),
        ("模型", "model"),
        ("", "model"),
        ("match", "match-model"),
        ("test", "test-model"),
        ("cog", "cog-model"),
    ];
    for (directory, name) in names {
        assert_eq!(package_name(directory), name, "{directory}");
    }
}

/// Whether Cargo takes the lock file as it is.
fn is_locked(directory: &Path) {
    let before = fs::read_to_string(directory.join("Cargo.lock")).unwrap();
    let cargo = Command::new(env!("CARGO"))
        .args(["update", "--workspace", "--locked", "--quiet"])
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    assert_eq!(fs::read_to_string(directory.join("Cargo.lock")).unwrap(), before);
}

#[test]
fn a_new_project_is_locked_to_what_was_tested() {
    let parent = tempfile::tempdir().unwrap();
    for name in ["aardvark", "zebra"] {
        let directory = parent.path().join(name);
        run(&directory, None).unwrap();
        is_locked(&directory);
    }
}

#[test]
fn every_template_is_locked_to_what_was_tested_whatever_its_directory_is_called() {
    let parent = tempfile::tempdir().unwrap();
    for template in Template::value_variants() {
        // The last two are names of packages that some of them depend on.
        for name in ["my-model", "image", "embed"] {
            let directory = parent.path().join(format!("{template:?}")).join(name);
            let report = run(&directory, Some(*template)).unwrap();
            let named = fs::read_to_string(directory.join("Cargo.toml")).unwrap();
            assert!(named.contains(&format!("name = {:?}", report.package)), "{named}");
            assert!(!named.contains("../"), "{template:?} points out of its directory: {named}");
            is_locked(&directory);
        }
    }
}

#[test]
fn a_second_time_keeps_everything() {
    let directory = tempfile::tempdir().unwrap();
    let first = run(directory.path(), None).unwrap();
    assert_eq!(first.skipped, Vec::<&str>::new());
    let manifest = fs::read_to_string(directory.path().join("Cargo.toml")).unwrap();
    let Report { created, skipped, changed, .. } = run(directory.path(), None).unwrap();
    assert_eq!((created, changed), (Vec::new(), Vec::new()));
    assert!(skipped.contains(&"vendor/cog") && skipped.contains(&"cog.yaml"), "{skipped:?}");
    assert_eq!(fs::read_to_string(directory.path().join("Cargo.toml")).unwrap(), manifest);
    let again = run(directory.path(), Some(Template::Image)).unwrap_err();
    assert!(matches!(again, Error::Occupied(_)), "{again}");
}

/// What becomes of a package whose manifest says that.
fn adopted(manifest: &str) -> (tempfile::TempDir, Result<Report, Error>) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("Cargo.toml"), manifest).unwrap();
    let report = run(directory.path(), None);
    (directory, report)
}

#[test]
fn a_package_becomes_a_model_and_keeps_its_words() {
    let plain = "[package]\nname = \"mine\" # so called\nversion = \"0.1.0\"\n";
    for (manifest, rest) in [
        (plain.to_owned(), "\n[dependencies]\ncog = { path = \"vendor/cog/runtime\" }\n"),
        (format!("{plain}[dependencies]\n"), "cog = { path = \"vendor/cog/runtime\" }\n"),
        (format!("{plain}[dependencies]"), "\ncog = { path = \"vendor/cog/runtime\" }\n"),
    ] {
        let (directory, report) = adopted(&manifest);
        let report = report.unwrap();
        assert_eq!((report.package.as_str(), report.changed.len(), report.template), ("mine", 1, None));
        assert!(report.created.contains(&"src/bin/model.rs"), "{report:?}");
        assert_eq!(
            fs::read_to_string(directory.path().join("Cargo.toml")).unwrap(),
            format!("{manifest}{rest}")
        );
        assert!(!directory.path().join("Cargo.lock").exists());
    }
}

#[test]
fn a_workspace_leaves_the_library_alone() {
    let package = "[package]\nname = \"mine\"\nversion = \"0.1.0\"\n";
    for workspace in ["[workspace]\n", "[workspace]\nexclude = [\"other\"]\n", "[workspace]\nmembers = []\n"]
    {
        let (directory, report) = adopted(&format!("{package}\n{workspace}"));
        report.unwrap();
        let table: toml::Table =
            fs::read_to_string(directory.path().join("Cargo.toml")).unwrap().parse().unwrap();
        let excluded = table["workspace"]["exclude"].as_array().unwrap();
        assert!(excluded.iter().any(|directory| directory.as_str() == Some("vendor/cog")), "{table}");
    }
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("Cargo.toml"), "[workspace]\nmembers = [\"models/*\"]\n").unwrap();
    let member = root.path().join("models/one");
    fs::create_dir_all(&member).unwrap();
    fs::write(member.join("Cargo.toml"), package).unwrap();
    assert_eq!(run(&member, None).unwrap().changed.len(), 2);
    let table: toml::Table = fs::read_to_string(root.path().join("Cargo.toml")).unwrap().parse().unwrap();
    assert_eq!(table["workspace"]["exclude"][0].as_str(), Some("vendor/cog"));
    let table: toml::Table = fs::read_to_string(member.join("Cargo.toml")).unwrap().parse().unwrap();
    assert_eq!(table["dependencies"]["cog"]["path"].as_str(), Some("../../vendor/cog/runtime"));
    // What is a workspace and nothing else is no package.
    assert!(matches!(run(root.path(), None).unwrap_err(), Error::NoPackage(_)));
}

#[test]
fn what_cannot_be_added_is_told() {
    let package = "[package]\nname = \"mine\"\nversion = \"0.1.0\"\n";
    let (directory, report) = adopted(&format!("dependencies = {{}}\n{package}"));
    let error = report.unwrap_err();
    assert!(error.hint().unwrap().contains("cog = { path = \"vendor/cog/runtime\" }"), "{error}");
    let kept = fs::read_to_string(directory.path().join("Cargo.toml")).unwrap();
    assert_eq!(kept, format!("dependencies = {{}}\n{package}"));
    let (_directory, report) = adopted("[package\n");
    assert!(matches!(report.unwrap_err(), Error::Manifest { .. }));
}

#[test]
fn no_unfinished_file_stays_behind() {
    let directory = tempfile::tempdir().unwrap();
    run(directory.path(), None).unwrap();
    for place in [".", "vendor", "src"] {
        for entry in fs::read_dir(directory.path().join(place)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(!name.starts_with(".cog-init-"), "{place}/{name}");
        }
    }
}

#[test]
fn a_file_in_the_directorys_place_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = run(file.path(), None).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot use `") && error.contains(&file.path().display().to_string()),
        "{error}"
    );
}
