//! Builds that are killed, that meet, and that run out of room: the name stands for what it stood for, and the next build
//! gives what it would have given anyway.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use cog_tests::docker::{self, ImageName};
use cog_tests::{Cog, Outcome, Project, TinyDisk, cargo_target, cog, needs_docker};
use rustix::process::Signal;
use serde_json::Value;

use crate::push_directly::hello;

/// A build by this machine's cargo, with what it keeps, but for what is compiled, in `cache`.
fn build(project: &Project, cache: &Path, output: &str) -> Cog {
    let compiled = cargo_target().join("cache/host");
    fs::create_dir_all(&compiled).expect("a directory can be made");
    if !cache.join("host").exists() {
        symlink(&compiled, cache.join("host")).expect("a link can be made");
    }
    let build = cog(["build", "--builder", "host", output]).within(project.path());
    build.env("COG_CACHE_DIR", cache).env("GITHUB_SHA", "0123").env("GITHUB_REF_NAME", "v1")
}

fn into(layout: &Path) -> String {
    format!("--output=oci:{}", layout.display())
}

/// The digest that a layout names, all of whose blobs are what their names say.
fn whole(layout: &Path) -> String {
    let blobs = layout.join("blobs/sha256");
    let sums = "for blob in *; do echo \"$blob  $blob\"; done | sha256sum --check --strict --quiet";
    let summed = Command::new("sh").args(["-c", sums]).current_dir(&blobs).status();
    assert!(summed.is_ok_and(|status| status.success()), "a blob is not what its name says");
    let index = fs::read(layout.join("index.json")).expect("it names an image");
    let index: Value = serde_json::from_slice(&index).expect("JSON");
    index["manifests"][0]["digest"].as_str().expect("a digest").to_owned()
}

fn entries(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_build_that_was_killed_is_done_again_as_if_nothing_had_been() {
    let place = Project::empty();
    // Long enough in the making of its layers to be killed there.
    let project = hello_with(48 << 20);
    let right = place.file("right");
    let undisturbed = place.file("undisturbed");
    fs::create_dir_all(&undisturbed).expect("a directory can be made");
    build(&project, &undisturbed, &into(&right)).run().succeeds();
    let digest = whole(&right);

    let layout = place.file("layout");
    let cache = place.file("cache");
    fs::create_dir_all(&cache).expect("a directory can be made");
    for delay in [0, 50, 150, 400] {
        let mut running = build(&project, &cache, &into(&layout)).start();
        running.wait_until_it_says("Putting the layers together");
        std::thread::sleep(Duration::from_millis(delay));
        running.signal_alone(Signal::KILL);
        running.finish_within(Duration::from_secs(30)).leaves_nothing_running();
    }
    build(&project, &cache, &into(&layout)).run().succeeds();
    assert_eq!(whole(&layout), digest);
    let mut left = entries(&layout);
    left.sort();
    assert_eq!(left, ["blobs", "index.json", "oci-layout"]);
    assert_eq!(entries(&layout.join("blobs/sha256")).len(), entries(&right.join("blobs/sha256")).len());
}

/// A model with a file that is dense, so that it is a layer of its own.
fn hello_with(bytes: usize) -> Project {
    let kept = hello();
    let project = Project::empty();
    let copied = Command::new("cp").arg("-a").arg(kept.file(".")).arg(project.path()).status();
    assert!(copied.is_ok_and(|status| status.success()));
    // Not all of one byte: gzip would be done in no time.
    let mut noise = 1_u32;
    let weights: Vec<u8> = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.to_be_bytes()[0]
    })
    .take(bytes)
    .collect();
    project.with("data.dat", weights)
}

#[test]
fn what_killed_builds_left_in_the_cache_is_swept() {
    needs_docker!();
    let place = Project::empty();
    let cache = place.file("cache");
    fs::create_dir_all(cache.join("scratch/.tmpgone/content")).expect("a directory can be made");
    fs::write(cache.join("scratch/.tmpgone/lock"), "").expect("a file can be written");
    fs::write(cache.join("scratch/.tmpgone/content/layer"), "x").expect("a file can be written");
    let project = Project::initialised();
    let image = ImageName::fresh();
    let build = cog(["build", "--builder", "docker", "-t", &image]).within(project.path());
    build.env("COG_CACHE_DIR", &cache).run().succeeds();
    assert_eq!(entries(&cache.join("scratch")), ["gate"]);
}

#[test]
fn two_builds_of_one_project_at_once_give_one_image() {
    let place = Project::empty();
    let project = hello();
    let running: Vec<_> = ["one", "other"]
        .map(|name| {
            let cache = place.file("cache");
            fs::create_dir_all(&cache).expect("a directory can be made");
            let layout = place.file(name);
            (build(&project, &cache, &into(&layout)).start(), layout)
        })
        .into();
    let digests: Vec<String> = running
        .into_iter()
        .map(|(running, layout)| {
            running.finish_within(Duration::from_secs(600)).succeeds().leaves_nothing_running();
            whole(&layout)
        })
        .collect();
    assert_eq!(digests[0], digests[1]);
}

fn is_told_in_one_line(outcome: Outcome, place: &Path) {
    let place = place.to_string_lossy().into_owned();
    outcome.exits(1).says("No space left").says(&place).says("make room").says_one_thing();
}

#[test]
fn a_layout_that_does_not_fit_is_told_and_names_nothing_until_there_is_room() {
    let Some(disk) = TinyDisk::of_kib(256) else { return };
    let place = Project::empty();
    let project = hello();
    let layout = disk.path().join("layout");
    is_told_in_one_line(build(&project, place.path(), &into(&layout)).run(), &layout);
    assert!(!layout.join("index.json").exists(), "nothing is named");
    assert!(entries(&layout.join("blobs/sha256")).is_empty(), "and half a layer only takes room");
    disk.grow(256 << 10);
    build(&project, place.path(), &into(&layout)).run().succeeds();
    whole(&layout);
}

#[test]
fn a_cache_without_room_for_the_layers_is_told_and_the_name_stays() {
    needs_docker!();
    let Some(disk) = TinyDisk::of_kib(256) else { return };
    let project = hello();
    let image = ImageName::fresh();
    let build = |cache: &Path| build(&project, cache, "--tag").arg(&image);
    is_told_in_one_line(build(disk.path()).run(), disk.path());
    assert!(!docker::has_image(&image), "nothing is named");
    disk.grow(256 << 10);
    build(disk.path()).run().succeeds();
    assert!(docker::has_image(&image));
}

#[test]
fn a_cache_without_room_to_compile_in_is_told() {
    let Some(disk) = TinyDisk::of_kib(2048) else { return };
    let project = hello();
    let layout = Project::empty();
    let output = into(&layout.file("layout"));
    let build = cog(["build", "--builder", "host", &output]).within(project.path());
    let run = build.env("COG_CACHE_DIR", disk.path()).run();
    run.exits(1).says(" left").says("COG_CACHE_DIR").leaves_nothing_running();
    assert!(!layout.file("layout").join("index.json").exists());
}

#[test]
fn a_layer_in_the_cache_that_somebody_laid_hands_on_is_written_anew() {
    needs_docker!();
    let place = Project::empty();
    let project = hello();
    let image = ImageName::fresh();
    let build = || build(&project, place.path(), "--tag").arg(&image).run().succeeds();
    build();
    // Of what is just compiled nothing is remembered.
    std::thread::sleep(Duration::from_secs(3));
    build();
    let id = docker::ask(["image", "inspect", "--format", "{{.Id}}", &image]);
    docker::ask(["image", "rm", &image]);
    let spoil = "for blob in images/*/layout/blobs/sha256/*; do \
                 printf x | dd of=\"$blob\" bs=1 seek=100 conv=notrunc 2>/dev/null; done";
    let spoilt = Command::new("sh").args(["-c", spoil]).current_dir(place.path()).status();
    assert!(spoilt.is_ok_and(|status| status.success()));
    build();
    assert_eq!(docker::ask(["image", "inspect", "--format", "{{.Id}}", &image]), id);
}

#[test]
fn a_machine_without_certificates_says_that_its_images_trust_nobody() {
    let place = Project::empty();
    let project = hello();
    let build = || build(&project, place.path(), &into(&place.file("layout")));
    let without = build().env("SSL_CERT_FILE", "/nonexistent/bundle.pem");
    without.run().succeeds().says("trust nobody").says("/nonexistent/bundle.pem");
    build().run().succeeds().does_not_say("trust nobody");

    // A private key that lies in the same file stays where it is.
    let keys = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
    let theirs = "-----BEGIN CERTIFICATE-----\nb3BlbmVk\n-----END CERTIFICATE-----";
    place.write("bundle.pem", format!("{keys}{theirs}"));
    build().env("SSL_CERT_FILE", place.file("bundle.pem")).run().succeeds().does_not_say("trust nobody");
    let found = |text: &str| {
        let all = "for blob in \"$0\"/blobs/sha256/*; do zcat -f \"$blob\"; done | grep -qa -- \"$1\"";
        let status = Command::new("sh").args(["-c", all]).arg(place.file("layout")).arg(text).status();
        status.expect("sh starts").success()
    };
    assert!(found("b3BlbmVk") && !found("c2VjcmV0"));
}

#[test]
fn a_link_that_leads_out_of_the_project_is_told() {
    let (place, project) = (Project::empty(), hello());
    symlink("/data/net.bin", project.file("net.bin")).expect("a link can be made");
    let built = build(&project, place.path(), &into(&place.file("layout"))).run().succeeds();
    built.says("`net.bin` is a link to `/data/net.bin`").says("`weights`");
}
