//! The order of a build, held against a real engine with Dockerfiles that stand in for a project's.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use cog_schema::{Delivery, Input, Output, Signature, Type};

use super::deliver::scratch_name;
use super::docker;
use super::{Built, Description, Error, Recipe, Result, SCHEMA_LABEL};
use crate::context::archive::{Content, Entry};
use crate::engine::read_file;
use crate::engine::testing::engine;
use crate::engine::{self, ContextTar, Engine, Progress, Quiet};

const SCHEMA: &str = "/src/.cog/openapi_schema.json";

struct Tagged<'a>(&'a Arc<dyn Engine>, String);

impl Drop for Tagged<'_> {
    fn drop(&mut self) {
        let (engine, name) = (Arc::clone(self.0), self.1.clone());
        std::thread::spawn(move || engine.remove_image(&name)).join().unwrap().unwrap();
    }
}

fn unique() -> String {
    format!("cog-test-build:{}", uuid::Uuid::new_v4().simple())
}

fn document(about: &str) -> serde_json::Value {
    let mut input = Input::new("text", Type::String);
    input.description = Some(about.to_owned());
    let output = Output { ty: Type::String, delivery: Delivery::Single };
    cog_schema::openapi::document(&Signature { inputs: vec![input], output }, "0.0.0")
}

fn recipe(directory: &Path, image: &str, steps: &str, schema: &str) -> Recipe {
    let dockerfile =
        format!("FROM debian:bookworm-slim\nCOPY schema {SCHEMA}\n{steps}\nENV A=b\nEXPOSE 5000\n");
    let mut tar = tar::Builder::new(Vec::new());
    for (path, text) in [(".cog-build/Dockerfile", dockerfile.as_str()), ("schema", schema)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    Recipe {
        image: image.to_owned(),
        platform: crate::plan::Platform::default(),
        dockerfile,
        dockerfile_path: ".cog-build/Dockerfile".to_owned(),
        context: ContextTar::from_bytes(tar.into_inner().unwrap()),
        labels: BTreeMap::from([("run.cog.config".to_owned(), r#"{"a":"$b \"c\" \\ #d"}"#.to_owned())]),
        schema_path: SCHEMA.to_owned(),
        directory: directory.to_owned(),
        no_cache: false,
        secrets: Vec::new(),
        large: Vec::new(),
        description: Description::default(),
    }
}

async fn build(engine: &Arc<dyn Engine>, recipe: Recipe, progress: &mut dyn Progress) -> Result<Built> {
    docker::build(engine, recipe, &super::Output::Docker(Arc::clone(engine)), progress).await
}

fn images() -> Vec<String> {
    let output =
        Command::new("docker").args(["images", "--format", "{{.Repository}}:{{.Tag}}"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn an_image_has_its_labels_and_nothing_else_is_left() {
    let Some(engine) = engine().await else { return };
    let project = tempfile::tempdir().unwrap();
    let name = unique();
    let _tagged = Tagged(&engine, name.clone());
    // Larger than a URL, a line of a Dockerfile, and the builder's patience with either.
    let about = r#"cost 5$ # "quoted" \ back  two blanks, "#.repeat(2_000);
    let document = document(&about);

    let recipe = recipe(project.path(), &name, "", &document.to_string());
    let scratch = scratch_name(project.path());
    let labels = recipe.labels.clone();
    let built = build(&engine, recipe, &mut Quiet).await.unwrap();

    assert!(!built.unchanged);
    assert_eq!(built.schema, document);
    let image = engine.image(&name).await.unwrap().unwrap();
    assert_eq!(image.id, built.id);
    assert_eq!(image.labels["run.cog.config"], labels["run.cog.config"]);
    let labelled: serde_json::Value = serde_json::from_str(&image.labels[SCHEMA_LABEL]).unwrap();
    assert!(labelled == document, "the label differs from the document");
    assert!(!images().contains(&scratch));
    assert!(project.path().join(".cog/cog.lock").exists());
}

#[tokio::test]
async fn nothing_changed_is_noticed_and_a_change_is_too() {
    let Some(engine) = engine().await else { return };
    let project = tempfile::tempdir().unwrap();
    let name = unique();
    let _tagged = Tagged(&engine, name.clone());
    let schema = document("about").to_string();
    let first = build(&engine, recipe(project.path(), &name, "RUN true", &schema), &mut Quiet).await.unwrap();
    let second =
        build(&engine, recipe(project.path(), &name, "RUN true", &schema), &mut Quiet).await.unwrap();
    assert!(second.unchanged);
    assert_eq!(second.id, first.id);
    assert_eq!(second.schema, first.schema);

    let mut other = recipe(project.path(), &name, "RUN true", &schema);
    other.labels.insert("org.opencontainers.image.revision".to_owned(), "abc".to_owned());
    let relabelled = build(&engine, other, &mut Quiet).await.unwrap();
    assert!(!relabelled.unchanged);
    let other = document("something else").to_string();
    let third = build(&engine, recipe(project.path(), &name, "RUN true", &other), &mut Quiet).await.unwrap();
    assert!(!third.unchanged);
    assert_ne!(third.schema, first.schema);
    let fourth =
        build(&engine, recipe(project.path(), &name, "RUN true\nENV C=d", &other), &mut Quiet).await.unwrap();
    assert!(!fourth.unchanged);
    // An image that lost its name stays, as it does with every builder.
    for replaced in [first.id, relabelled.id, third.id] {
        drop(Tagged(&engine, replaced));
    }
}

/// What was made at another moment has another id in the engine, and none of that in the image.
#[tokio::test]
async fn two_moments_give_one_image() {
    let Some(engine) = engine().await else { return };
    let schema = document("about").to_string();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let project = tempfile::tempdir().unwrap();
        let name = unique();
        let _tagged = Tagged(&engine, name.clone());
        let mut recipe =
            recipe(project.path(), &name, "RUN mkdir /d && echo a > /d/e && ln /d/e /f", &schema);
        recipe.no_cache = true;
        let large = project.path().join("weights.bin");
        std::fs::write(&large, "w").unwrap();
        let content = Content::File { source: large, size: 1, executable: false };
        recipe.large = vec![Entry::new("weights.bin", content)];
        let built = build(&engine, recipe, &mut Quiet).await.unwrap();
        ids.push(built.id);
        let file = read_file(&engine, &name, "/src/weights.bin").await.unwrap();
        assert_eq!(file.as_deref(), Some(&b"w"[..]));
        std::thread::sleep(Duration::from_millis(1100));
    }
    assert_eq!(ids[0], ids[1]);
}

/// A label of that size is too much for engines to list.
#[tokio::test]
async fn a_schema_that_is_too_long_for_a_label_is_read_from_its_file() {
    let Some(engine) = engine().await else { return };
    let project = tempfile::tempdir().unwrap();
    let name = unique();
    let _tagged = Tagged(&engine, name.clone());
    let document = document(&"x".repeat(300 << 10));
    let recipe = || recipe(project.path(), &name, "", &document.to_string());
    build(&engine, recipe(), &mut Quiet).await.unwrap();
    let image = engine.image(&name).await.unwrap().unwrap();
    assert!(!image.labels.contains_key(SCHEMA_LABEL));
    assert!(super::schema_is_a_file(&image.labels));
    let again = build(&engine, recipe(), &mut Quiet).await.unwrap();
    assert!(again.unchanged && again.schema == document);
}

#[tokio::test]
async fn a_binary_that_is_no_model_is_told_what_to_do_and_leaves_nothing() {
    let Some(engine) = engine().await else { return };
    let project = tempfile::tempdir().unwrap();
    let name = unique();
    let error =
        build(&engine, recipe(project.path(), &name, "", "Hello, world!\n"), &mut Quiet).await.unwrap_err();
    assert_eq!(error.to_string(), "the binary gives no schema: asked for one, it said `Hello, world!`");
    assert!(error.hint().unwrap().contains("cog::main"));
    assert!(!images().contains(&name));
    assert!(!images().contains(&scratch_name(project.path())));

    let missing = recipe(project.path(), &name, &format!("RUN rm {SCHEMA}"), "{}");
    assert!(matches!(build(&engine, missing, &mut Quiet).await, Err(Error::NoSchema)));
    let wrong = recipe(project.path(), &name, "", r#"{"openapi": "3.0.2"}"#);
    assert!(matches!(build(&engine, wrong, &mut Quiet).await, Err(Error::BadSchema { .. })));
}

#[tokio::test]
async fn a_failed_build_leaves_the_name_where_it_was() {
    let Some(engine) = engine().await else { return };
    let project = tempfile::tempdir().unwrap();
    let name = unique();
    let _tagged = Tagged(&engine, name.clone());
    let schema = document("about").to_string();
    let first = build(&engine, recipe(project.path(), &name, "", &schema), &mut Quiet).await.unwrap();
    let error =
        build(&engine, recipe(project.path(), &name, "RUN exit 9", &schema), &mut Quiet).await.unwrap_err();
    assert_eq!(error.to_string(), "the build failed at `[3/3] RUN exit 9`");
    assert_eq!(engine.image(&name).await.unwrap().unwrap().id, first.id);
    assert!(!images().contains(&scratch_name(project.path())));
}

#[tokio::test]
async fn a_build_given_up_at_any_moment_leaves_nothing() {
    let Some(engine) = engine().await else { return };
    let project = tempfile::tempdir().unwrap();
    let schema = document("about").to_string();
    let finished = unique();
    let _tagged = Tagged(&engine, finished.clone());
    build(&engine, recipe(project.path(), &finished, "", &schema), &mut Quiet).await.unwrap();
    for patience in [1, 50, 150, 300, 500, 700] {
        let name = unique();
        let tagged = Tagged(&engine, name.clone());
        let mut quiet = Quiet;
        let work = build(&engine, recipe(project.path(), &name, "", &schema), &mut quiet);
        let ended = tokio::time::timeout(Duration::from_millis(patience), work).await;
        // Given up while it gets its name, it gets it: the name stands for the whole image, or for none.
        let labels = engine.image(&name).await.unwrap().map(|image| image.labels);
        assert!(
            labels.as_ref().is_none_or(|labels| labels.contains_key(SCHEMA_LABEL)),
            "after {patience} ms"
        );
        if let Ok(built) = ended {
            assert_eq!(labels.is_some(), built.is_ok(), "after {patience} ms: {built:?}");
        }
        assert!(!images().contains(&scratch_name(project.path())), "after {patience} ms");
        drop(tagged);
    }
}

#[tokio::test]
async fn a_base_image_that_is_not_to_be_had_is_shown_with_its_line() {
    let Some(engine) = engine().await else { return };
    let project = tempfile::tempdir().unwrap();
    let dockerfile = "FROM 127.0.0.1:1/no/such:v1 AS builder\n";
    let mut recipe = recipe(project.path(), &unique(), "", "");
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(dockerfile.len() as u64);
    tar.append_data(&mut header, ".cog-build/Dockerfile", dockerfile.as_bytes()).unwrap();
    recipe.context = ContextTar::from_bytes(tar.into_inner().unwrap());
    recipe.dockerfile = dockerfile.to_owned();
    let error = build(&engine, recipe, &mut Quiet).await.unwrap_err();
    assert!(
        error.to_string().starts_with(
            "base image `127.0.0.1:1/no/such:v1`, wanted by `FROM 127.0.0.1:1/no/such:v1 AS builder`, is not to be had: "
        ),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("docker pull 127.0.0.1:1/no/such:v1"));
}

#[test]
fn a_file_that_cannot_be_read_keeps_its_own_words() {
    let cause = crate::context::ContextError::Changed("weights.bin".into());
    let error = engine::Error::Context(std::io::Error::other(cause));
    let error = Error::of_solve(error, "");
    assert_eq!(error.to_string(), "`weights.bin` changed while it was read");
    assert_eq!(error.hint().as_deref(), Some("run the command again"));
}
