//! `COG_IMAGE_MIRROR`: base images from a registry of one's own in place of Docker Hub.

use cog_tests::docker::{self, ImageName};
use cog_tests::{Project, Registry, cog, needs_registry};

/// A model with a system around it.
const SYSTEM: &str = "build:\n  run:\n    - echo made > /made\n";

#[test]
fn base_images_come_from_the_mirror() {
    needs_registry!();
    let registry = Registry::open();
    let place = registry.reference("hub");
    let mirrored = |name: &str| ImageName::of(format!("{place}/library/{name}"));
    let project = Project::initialised().with("cog.yaml", SYSTEM);
    let text = cog(["dockerfile"]).within(project.path()).env("COG_IMAGE_MIRROR", &place).run().succeeds();
    let wanted: Vec<String> = text
        .output()
        .lines()
        .filter_map(|line| line.strip_prefix("FROM "))
        .filter_map(|line| line.split(' ').next().map(str::to_owned))
        .collect();
    let debian = mirrored("debian:bookworm-slim");
    assert_eq!(wanted.len(), 2, "{text}");
    assert!(wanted.iter().all(|name| name.starts_with(&format!("{place}/library/"))), "{text}");
    assert_eq!(wanted[1], *debian);

    // The system is really fetched; of the compiler's gigabyte it is enough that it goes by the name.
    docker::ask(["tag", "debian:bookworm-slim", &debian]);
    docker::ask(["push", "--quiet", &debian]);
    docker::ask(["image", "rm", &debian]);
    let rust = ImageName::of(&wanted[0]);
    docker::ask(["tag", rust.trim_start_matches(&format!("{place}/library/")), &rust]);
    let build = |tag: &str| {
        let arguments = ["build", "--builder", "docker", "-t", tag];
        cog(arguments).within(project.path()).env("GITHUB_SHA", "0123").env("GITHUB_REF_NAME", "v1")
    };
    let (image, plain) = (ImageName::fresh(), ImageName::fresh());
    build(&image).env("COG_IMAGE_MIRROR", format!("{place}/")).run().succeeds();
    let log = registry.log();
    assert!(log.contains("/v2/hub/library/debian/manifests/"), "{log}");
    // Where the base came from is nothing that the image tells.
    build(&plain).run().succeeds();
    let id = |image: &str| docker::ask(["image", "inspect", "--format", "{{.Id}}", image]);
    assert_eq!(id(&image), id(&plain));
}

#[test]
fn a_mirror_that_has_no_such_image_is_told_with_the_name_that_was_asked_for() {
    needs_registry!();
    let registry = Registry::open();
    let project = Project::initialised().with("cog.yaml", SYSTEM);
    let build = cog(["build", "--builder", "docker"]).within(project.path());
    let run = build.env("COG_IMAGE_MIRROR", registry.address()).run();
    // The compiler's or the system's: they are asked for side by side.
    run.exits(1).says(&registry.reference("library/")).says_one_thing();
}

#[test]
fn what_is_no_mirror_is_refused_before_anything_is_built() {
    let project = Project::initialised();
    for command in ["dockerfile", "build"] {
        let run = cog([command]).within(project.path()).env("COG_IMAGE_MIRROR", "https://mirror.example.com");
        run.run().exits(1).says("COG_IMAGE_MIRROR").says("without `https://`").says_one_thing();
    }
}
