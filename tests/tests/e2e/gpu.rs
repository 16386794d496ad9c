//! Images for GPUs, as far as a machine without one can tell: what is packed, and what a model does without a driver.
//!
//! A whole one takes long to compile; docs/gpu.md says how to build `examples/embed-gpu`.

use cog_tests::docker;
use cog_tests::{Server, needs_docker, repository};

#[test]
fn a_model_that_requires_a_gpu_says_so_where_there_is_none() {
    let server = Server::started("echo", &[("COG_REQUIRE_GPU", "1"), ("CUDA_VISIBLE_DEVICES", "")]);
    server.wait_for_health("SETUP_FAILED");
    let health = server.get("/health-check").json();
    let logs = health["setup"]["logs"].as_str().unwrap_or_default();
    assert!(logs.contains("requires an NVIDIA GPU") && logs.contains("--gpus all"), "{health}");
    assert_eq!(server.get("/readyz").status, 503);
    assert!(server.workers().is_empty());
}

#[test]
fn a_model_that_does_not_require_a_gpu_starts_without_one() {
    let server = Server::with("echo", &[("COG_REQUIRE_GPU", "0"), ("CUDA_VISIBLE_DEVICES", "")]);
    server.wait_for_health("READY");
}

#[test]
fn an_image_gets_the_libraries_that_its_base_lacks_and_none_of_the_driver() {
    needs_docker!();
    let out = tempfile::tempdir().expect("a folder");
    let mounts = [
        format!("{}:/templates:ro", repository().join("templates").display()),
        format!("{}:/gpu:ro", repository().join("tests/tests/e2e/gpu").display()),
        format!("{}:/out", out.path().display()),
    ];
    let run = |image: &str, script: &str| {
        let mut arguments = vec!["run", "--rm"];
        arguments.extend(mounts.iter().flat_map(|mount| ["-v", mount]));
        arguments.extend([image, "sh", script]);
        docker::ask(arguments)
    };
    run("rust:1.95-slim-bookworm", "/gpu/builder.sh");
    let refusal = std::fs::read_to_string(out.path().join("refusal")).expect("it was refused");
    assert!(refusal.contains("libwhatever.so.7 (name their packages in build.system_packages)"), "{refusal}");

    let said = run("debian:bookworm-slim", "/gpu/final.sh");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "adopted beside the base's: libcublasLt.so.13 libnvrtc-builtins.so.13.0 libwhatever.so.7",
            "adopted: libcublas.so.13 libcublasLt.so.13 libnvrtc-builtins.so.13.0 libwhatever.so.7",
            "init 100, launch 100, init 100, libraries 2",
            "init 1005, launch 335, init 1006, libraries 2",
        ]
    );
}
