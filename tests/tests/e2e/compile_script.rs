//! The script that compiles a model in the engine, with something else in the place of Cargo.

use std::path::Path;

use cog_tests::{needs_docker, shell};

/// What `then` prints after the script has run in a container where `before` had been; `cargo` is what it runs.
fn compiled(before: &str, cargo: &str, then: &str) -> (i32, String) {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates");
    let line = format!(
        "docker run --rm -v {templates}:/templates:ro -w /build debian:bookworm-slim sh -c '\
         mkdir -p /target /usr/local/cargo/registry && {before} && \
         sh /templates/compile.sh . model sh -c \"{cargo}\" 2>&1; {then}'",
        templates = templates.display(),
    );
    shell(&line, Path::new("/"))
}

#[test]
fn a_binary_from_before_is_not_taken_for_the_one_that_cargo_made() {
    needs_docker!();
    let before = "mkdir -p /target/release && echo old > /target/release/model";
    let place = "/target/x86_64-unknown-linux-gnu/release";
    let cargo = format!("mkdir -p {place} && echo new > {place}/model");
    assert_eq!(compiled(before, &cargo, "cat /model"), (0, "new\n".to_owned()));
    let (_, said) = compiled(before, "true", "cat /model 2>&1");
    assert!(said.contains("made no binary model") && said.contains("No such file"), "{said}");
}

#[test]
fn what_onnx_runtime_opens_beside_the_model_comes_along_and_nothing_from_before() {
    needs_docker!();
    let name = "libonnxruntime_providers_cuda.so";
    let before = format!(
        "mkdir -p /target/release /cache && echo cuda > /cache/{name} && echo old > /target/release/{name}"
    );
    let cargo = format!("ln -s /cache/{name} /target/release/ && echo new > /target/release/model");
    assert_eq!(compiled(&before, &cargo, &format!("cat /beside/{name}")), (0, "cuda\n".to_owned()));
    let cargo = "echo new > /target/release/model";
    assert_eq!(compiled(&before, cargo, "ls /beside 2>/dev/null | wc -l"), (0, "0\n".to_owned()));
}

#[test]
fn builds_that_share_a_registry_share_the_lock_of_it() {
    needs_docker!();
    let cargo = "echo held > /usr/local/cargo/.package-cache && mkdir -p /target/release && touch /target/release/model";
    let then = "cat /usr/local/cargo/registry/.package-cache";
    assert_eq!(compiled("true", cargo, then), (0, "held\n".to_owned()));
}

#[test]
fn the_toolchain_of_the_image_is_the_one_that_compiles() {
    needs_docker!();
    let before = "mkdir -p /rustup/toolchains/1.97.0-x86_64 && export RUSTUP_HOME=/rustup";
    let cargo = "mkdir -p /target/release && env > /target/release/model";
    let then = "grep RUSTUP_TOOLCHAIN /model";
    assert_eq!(compiled(before, cargo, then), (0, "RUSTUP_TOOLCHAIN=1.97.0-x86_64\n".to_owned()));
}
