//! `cog push` of a project that is a model: an index beside its image.

use cog_tests::{Cog, Project, Registry, cog, needs_registry};
use serde_json::Value;

use crate::push_directly::hello;

fn push(project: &Project) -> Cog {
    cog(["push", "--builder", "host"]).within(project.path()).without_docker()
}

#[test]
fn a_model_is_an_index_that_names_its_image() {
    needs_registry!();
    let (project, registry) = (hello(), Registry::open());
    let run = push(&project)
        .env("COG_MODEL_REGISTRY", registry.address())
        .env("COG_MODEL_REPO", "me/model")
        .env("COG_MODEL_TAG", "v1")
        .run()
        .succeeds();
    let index = registry.manifest("me/model", "v1");
    let document: Value = serde_json::from_slice(&index).expect("JSON");
    let image = registry.manifest("me/model", "cog-image.v1");
    let member = &document["manifests"][0];
    assert_eq!(document["mediaType"], "application/vnd.oci.image.index.v1+json");
    assert_eq!(member["digest"], registry.digest("me/model", "cog-image.v1"));
    assert_eq!(member["size"], image.len());
    assert_eq!(member["platform"], serde_json::json!({ "architecture": "amd64", "os": "linux" }));
    let name = registry.reference("me/model");
    run.says(&format!("  model   {name}:v1"))
        .says(&format!("  └─ image   {name}@{}", registry.digest("me/model", "cog-image.v1")))
        .prints(&format!("{name}@{}", registry.digest("me/model", "v1")));

    // Without a tag it is the moment.
    let run = push(&project).env("COG_MODEL", &name).run().succeeds();
    assert!(run.messages().contains(&format!("{name}:20")), "{run}");
}

#[test]
fn a_model_has_one_name() {
    let project = hello();
    let model = || push(&project).env("COG_MODEL", "r.example.com/me/model:v1");
    model().arg("r.example.com/me/other").run().exits(1).says("COG_MODEL").says_one_thing();
    let run = push(&project).env("COG_MODEL", "r.example.com/me/model:cog-1").run();
    run.exits(1).says("another tag").says_one_thing();
    let image = Project::initialised().with("cog.yaml", "image: r.example.com/me/hello\n");
    let run = push(&image).env("COG_MODEL_REPO", "me/model").run();
    run.exits(1).says("COG_MODEL_TAG").says("`image`").says_one_thing();
}

#[test]
fn a_setting_that_makes_no_sense_is_told_before_anything_is_built() {
    let project = hello();
    for variable in ["COG_PUSH_CONCURRENCY", "COG_PUSH_DEFAULT_CHUNK_SIZE", "COG_PUSH_MULTIPART_THRESHOLD"] {
        let run = push(&project).arg("127.0.0.1:1/me/hello").env(variable, "96MiB").run();
        run.exits(1).says(variable).says("96MiB").says_one_thing().does_not_say("Building");
    }
}
