#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::fs;
use std::process::Command;

use super::{Report, package_name, run};

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

#[test]
fn a_new_project_is_locked_to_what_was_tested() {
    let parent = tempfile::tempdir().unwrap();
    for name in ["aardvark", "zebra"] {
        let directory = parent.path().join(name);
        run(&directory).unwrap();
        let before = fs::read_to_string(directory.join("Cargo.lock")).unwrap();
        let cargo = Command::new(env!("CARGO"))
            .args(["metadata", "--locked", "--format-version=1", "--quiet"])
            .current_dir(&directory)
            .output()
            .unwrap();
        assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
        assert_eq!(fs::read_to_string(directory.join("Cargo.lock")).unwrap(), before);
    }
}

#[test]
fn a_second_time_keeps_everything() {
    let directory = tempfile::tempdir().unwrap();
    let first = run(directory.path()).unwrap();
    assert_eq!(first.skipped, Vec::<&str>::new());
    let Report { created, skipped } = run(directory.path()).unwrap();
    assert_eq!(created, Vec::<&str>::new());
    assert!(skipped.contains(&"vendor/cog") && skipped.contains(&"src/main.rs"), "{skipped:?}");
}

#[test]
fn somebody_elses_manifest_gets_no_lock_file() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("Cargo.toml"), "# mine\n").unwrap();
    let report = run(directory.path()).unwrap();
    assert_eq!(report.skipped, ["Cargo.toml"]);
    assert!(!directory.path().join("Cargo.lock").exists());
}

#[test]
fn no_unfinished_file_stays_behind() {
    let directory = tempfile::tempdir().unwrap();
    run(directory.path()).unwrap();
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
    let error = run(file.path()).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot use `") && error.contains(&file.path().display().to_string()),
        "{error}"
    );
}
