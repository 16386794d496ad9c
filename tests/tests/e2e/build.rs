//! `cog build`: what the image is, and what a second build costs.

use std::time::{Duration, Instant};

use cog_tests::docker::{self, ImageName};
use cog_tests::{Project, cog, needs_docker};
use serde_json::Value;

#[test]
fn an_image_is_small_plain_and_labelled() {
    needs_docker!();
    let project = Project::initialised();
    let image = ImageName::fresh();
    cog(["build", "-t", &image]).within(project.path()).run().succeeds().leaves_nothing_running();

    let config = docker::ask(["image", "inspect", &image, "--format", "{{json .Config}}"]);
    let config: Value = serde_json::from_str(&config).expect("docker prints JSON");
    assert_eq!(config["User"], "65532:65532");
    assert!(config["ExposedPorts"].get("5000/tcp").is_some(), "{config}");
    assert_eq!(config["StopSignal"], "SIGTERM");
    assert_eq!(config["WorkingDir"], "/src");

    let schema: Value =
        serde_json::from_str(&docker::label(&image, "run.cog.openapi_schema")).expect("the label holds JSON");
    assert!(schema["components"]["schemas"]["Input"]["properties"].get("name").is_some(), "{schema}");
    assert!(serde_json::from_str::<Value>(&docker::label(&image, "run.cog.config")).is_ok());
    assert!(!docker::label(&image, "run.cog.version").is_empty());

    let printed = cog(["schema", &image]).run().succeeds().json();
    assert_eq!(printed["components"], schema["components"]);
}

#[test]
fn a_model_runs_with_a_read_only_root_and_dies_by_sigterm() {
    needs_docker!();
    let project = Project::initialised();
    let image = ImageName::fresh();
    cog(["build", "-t", &image]).within(project.path()).run().succeeds();
    let container = docker::ask([
        "run",
        "--detach",
        "--read-only",
        "--tmpfs",
        "/tmp",
        "--cap-drop",
        "ALL",
        "--publish",
        "127.0.0.1::5000",
        &image,
    ]);
    let ready = (0..1200).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        let port = docker::ask(["port", &container, "5000/tcp"]);
        let port = port.rsplit(':').next().and_then(|port| port.parse().ok());
        port.and_then(|port| cog_tests::Connection::open(port).ok())
            .and_then(|mut connection| connection.get("/health-check").ok())
            .is_some_and(|reply| reply.json()["status"] == "READY")
    });
    let stopping = Instant::now();
    docker::ask(["stop", "--time", "10", &container]);
    let stopped = stopping.elapsed();
    let code = docker::ask(["inspect", &container, "--format", "{{.State.ExitCode}}"]);
    docker::ask(["rm", &container]);
    assert!(ready, "it never became ready");
    assert_eq!(code, "0");
    assert!(stopped < Duration::from_secs(8), "SIGTERM was not heeded: {stopped:?}");
}

#[test]
fn the_same_input_builds_the_same_image_and_quickly() {
    needs_docker!();
    let project = Project::initialised_as("unchanged");
    let image = ImageName::fresh();
    let build = || cog(["build", "-t", &image]).within(project.path()).run().succeeds();
    build();
    let first = docker::ask(["image", "inspect", &image, "--format", "{{.Id}}"]);
    let start = Instant::now();
    build();
    let took = start.elapsed();
    let second = docker::ask(["image", "inspect", &image, "--format", "{{.Id}}"]);
    assert_eq!(first, second);
    // An empty solve on a busy machine takes a few of these seconds.
    assert!(took < Duration::from_secs(10), "nothing changed, and yet it took {took:?}");
}

#[test]
fn an_edit_of_the_model_compiles_no_dependency_again() {
    needs_docker!();
    for builder in ["host", "docker"] {
        let project = Project::initialised_as("edited");
        let image = ImageName::fresh();
        let build = || {
            let arguments = ["build", "--builder", builder, "--progress", "plain", "-t", &image];
            cog(arguments).within(project.path()).run().succeeds()
        };
        build();
        let main = std::fs::read_to_string(project.file("src/main.rs")).expect("init wrote it");
        // An edit that no run before made: the engine remembers.
        let now = std::time::SystemTime::now();
        project.write("src/main.rs", format!("{main}\n// edited at {now:?}\n"));
        let second = build();
        // Cargo's own lines name a version.
        let compiled = |line: &&str| line.contains("Compiling ") && line.contains(" v0.");
        let compiled: Vec<_> = second.messages().lines().filter(compiled).map(str::to_owned).collect();
        assert_eq!(compiled.len(), 1, "{builder}: only the model itself: {compiled:?}");
    }
}

#[test]
fn a_dependency_put_back_after_a_failed_build_is_compiled_as_it_is() {
    needs_docker!();
    let word = |word: &str| format!("pub const WORD: &str = {word:?};\n");
    let main = "use cog::prelude::*;\n\n#[cog::predict]\nfn hello() -> String {\n    helper::WORD.to_owned()\n}\n\n\
                fn main() -> ExitCode {\n    cog::main::<hello>()\n}\n";
    let project = Project::initialised()
        .with("helper/Cargo.toml", "[package]\nname = \"helper\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
        .with("helper/src/lib.rs", word("first"))
        .with("src/main.rs", main);
    let manifest = std::fs::read_to_string(project.file("Cargo.toml")).expect("init wrote it");
    let manifest = manifest.replace("[dependencies]\n", "[dependencies]\nhelper = { path = \"helper\" }\n");
    let project = project.with("Cargo.toml", manifest).tidied();
    let image = ImageName::fresh();
    let build = || cog(["build", "-t", &image]).within(project.path()).run();
    let says = |word: &str| {
        build().succeeds();
        assert_eq!(cog(["predict", &image]).run().succeeds().output().trim(), word);
    };
    says("first");
    project.write("helper/src/lib.rs", word("second"));
    says("second");
    // The helper compiles, the model does not; then both are as they were at first.
    project.write("helper/src/lib.rs", word("third"));
    project.write("src/main.rs", main.replace("helper::WORD", "helper::NONE"));
    build().exits(1).says("NONE");
    project.write("helper/src/lib.rs", word("first"));
    project.write("src/main.rs", main);
    says("first");
}

#[test]
fn dockerfile_goes_to_stdout_and_needs_no_docker() {
    let project = Project::initialised();
    let run = cog(["dockerfile"]).within(project.path()).without_docker().run().succeeds();
    assert!(run.output().contains("FROM rust:"), "{run}");
    assert!(run.output().contains("USER 65532:65532"), "{run}");
}

#[test]
fn a_gpu_project_shows_its_cuda_stages_without_a_gpu() {
    let project = Project::initialised().with("cog.yaml", "build:\n  gpu: true\n  cuda: \"12.4\"\n");
    let run = cog(["dockerfile"]).within(project.path()).without_docker().run().succeeds();
    assert!(run.output().contains("FROM nvidia/cuda:12.4"), "{run}");
}

#[test]
fn packages_and_steps_and_variables_reach_the_image() {
    needs_docker!();
    let project = Project::initialised().with(
        "cog.yaml",
        "build:\n  system_packages: [hello]\n  run:\n    - echo made > /made\nenvironment:\n  - GREETING=good morning\n",
    );
    let image = ImageName::fresh();
    let build = cog(["build", "-t", &image]).within(project.path()).run().succeeds();
    build.says("The engine builds this: `build.system_packages`");
    let run = |command: &str| docker::ask(["run", "--rm", "--entrypoint", "/bin/sh", &image, "-c", command]);
    assert_eq!(run("cat /made"), "made");
    assert_eq!(run("printenv GREETING"), "good morning");
    assert!(run("hello").contains("Hello"));
}

#[test]
fn a_secret_is_used_and_leaves_no_trace() {
    needs_docker!();
    let project = Project::initialised()
        .with(
            "cog.yaml",
            "build:\n  run:\n    - command: wc -c < /run/secrets/token > /length\n      mounts:\n        - \
             type: secret\n          id: token\n          target: /run/secrets/token\n",
        )
        .with("token.txt", "hunter2-hunter2");
    let outside = Project::empty().with("token.txt", "hunter2-hunter2");
    std::fs::remove_file(project.file("token.txt")).expect("it was just written");
    let secret = format!("id=token,src={}", outside.file("token.txt").display());
    let image = ImageName::fresh();
    let build = cog(["build", "-t", &image, "--secret", &secret]).within(project.path()).run().succeeds();
    build.does_not_say("hunter2");
    let length = docker::ask(["run", "--rm", "--entrypoint", "/bin/cat", &image, "/length"]);
    assert_eq!(length.trim(), "15");
    let history = docker::ask(["history", "--no-trunc", &image]);
    assert!(!history.contains("hunter2"), "{history}");
}
