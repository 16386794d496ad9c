//! The manifests of `docs/deploy/`: valid by the published schemas, word for word in the pages, and in step with the
//! server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cog_tests::{python_programs, repository};

use super::page::Page;

/// Programs that carry the schemas of Compose and of each release of Kubernetes.
const CHECKERS: [&str; 2] = ["check-jsonschema==0.39.0", "kubernetes-validate==1.37.0"];

/// The releases of Kubernetes that the manifests are for: the oldest and the newest.
const RELEASES: [&str; 2] = ["1.30", "1.37"];

fn folder() -> PathBuf {
    repository().join("docs/deploy")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().expect("it was installed");
    let said =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
    assert!(output.status.success(), "{command:?}: {said}");
}

fn fails(command: &mut Command) -> bool {
    !command.output().expect("it was installed").status.success()
}

fn kubernetes(programs: &Path, release: &str, file: &Path) -> Command {
    let mut command = Command::new(programs.join("kubernetes-validate"));
    command.args(["--strict", "--kubernetes-version", release]).arg(file);
    command
}

fn compose(programs: &Path, file: &Path) -> Command {
    let mut command = Command::new(programs.join("check-jsonschema"));
    command.args(["--builtin-schema", "vendor.compose-spec"]).arg(file);
    command
}

#[test]
fn the_manifests_are_valid_by_the_published_schemas() {
    let Some(programs) = python_programs("manifests", &CHECKERS) else { return };
    run(&mut compose(&programs, &folder().join("compose.yaml")));
    for release in RELEASES {
        run(&mut kubernetes(&programs, release, &folder().join("kubernetes.yaml")));
    }

    // A checker that lets everything pass would prove nothing.
    let wrong = tempfile::tempdir().expect("a directory can be made");
    let file = wrong.path().join("wrong.yaml");
    fs::write(&file, text("kubernetes.yaml").replace("readinessProbe:", "readynessProbe:"))
        .expect("it can be written");
    assert!(fails(&mut kubernetes(&programs, RELEASES[1], &file)));
    fs::write(&file, text("compose.yaml").replace("stop_grace_period:", "stop_grace:"))
        .expect("it can be written");
    assert!(fails(&mut compose(&programs, &file)));
}

#[test]
fn the_pages_show_the_files_as_they_are() {
    let mut shown = Vec::new();
    for page in Page::all() {
        for block in &page.blocks {
            if let Some(path) = block.says("same") {
                let file = fs::read_to_string(repository().join("docs").join(path)).expect("it is there");
                assert!(file == block.text, "{}:{} is not {path}", page.name, block.line);
                shown.push(path.to_owned());
            }
        }
    }
    shown.sort_unstable();
    assert_eq!(shown, ["deploy/compose.yaml", "deploy/kubernetes.yaml"]);
}

/// The number after `key` in a file.
#[track_caller]
fn number(text: &str, key: &str) -> u32 {
    let (_, rest) = text.split_once(key).unwrap_or_else(|| panic!("there is no `{key}`"));
    let digits: String = rest.chars().skip_while(|letter| " \"\n".contains(*letter)).collect();
    let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("no number after `{key}`"))
}

/// What runs has its time to end before the platform loses patience: the drain, then what the server still does.
#[test]
fn a_server_is_given_the_time_that_it_takes_to_end() {
    let pod = text("kubernetes.yaml");
    let drain = number(&pod, "- name: COG_SHUTDOWN_GRACE\n              value:");
    let pause = number(&pod, "sleep:\n                seconds:");
    let patience = number(&pod, "terminationGracePeriodSeconds:");
    assert!(patience >= pause + drain + 5, "{patience} s for a pause of {pause} s and a drain of {drain} s");

    let service = text("compose.yaml");
    let (drain, patience) = (number(&service, "COG_SHUTDOWN_GRACE:"), number(&service, "stop_grace_period:"));
    assert!(patience >= drain + 5, "{patience} s for a drain of {drain} s");
}
