//! `cog weights`: from a directory into the store, the lock file and a registry, and back.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cog_tests::{
    Answer, Asked, BadWay, Cog, Connection, Fault, Outcome, Project, Registry, TinyDisk, Web, cog,
    needs_registry,
};
use serde_json::Value;

/// A project whose weights are a large file, two small ones, and one that is not wanted.
fn project(registry: &str) -> Project {
    let noise = |length: usize, seed: u64| -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        };
        (0..length).map(|_| next()).collect()
    };
    let config = format!(
        "model: {registry}/me/model\nweights:\n  - name: net\n    target: /src/net\n    \
         source: {{ uri: net, exclude: [\"*.md\"] }}\n"
    );
    Project::empty()
        .with("cog.yaml", config)
        .with("net/model.safetensors", noise((64 << 20) + 7, 1))
        .with("net/config.json", "{\"layers\": 2}")
        .with("net/deep/vocab.txt", noise(3 << 20, 2))
        .with("net/README.md", "not wanted")
}

fn weights(project: &Project, cache: &Path, words: &[&str]) -> Cog {
    cog(["weights"].iter().chain(words)).within(project.path()).env("COG_CACHE_DIR", cache).without_docker()
}

fn lock(project: &Project) -> Value {
    let text = std::fs::read_to_string(project.file("weights.lock")).expect("the lock file is written");
    assert!(!text.ends_with('\n'), "it ends where other tools end it");
    serde_json::from_str(&text).expect("the lock file is JSON")
}

fn digest(project: &Project) -> String {
    lock(project)["weights"][0]["digest"].as_str().expect("a weight has a digest").to_owned()
}

fn tag(project: &Project) -> String {
    let set = lock(project)["weights"][0]["setDigest"].as_str().unwrap_or_default().to_owned();
    format!("cog-weight.net.{}", &set["sha256:".len()..][..12])
}

/// An import over a way on which `fault` happens.
fn over(fault: impl Fn(&Asked<'_>) -> Fault + Send + Sync + 'static) -> (Registry, Project, BadWay, Outcome) {
    let registry = Registry::open();
    let way = BadWay::to(registry.port(), fault);
    let (project, cache) = (project(&way.address()), Project::empty());
    let outcome =
        weights(&project, cache.path(), &["import"]).env("COG_PUSH_DEFAULT_CHUNK_SIZE", "8388608").run();
    (registry, project, way, outcome)
}

#[test]
fn weights_come_back_from_the_registry_as_they_went_in() {
    needs_registry!();
    let (registry, cache, other) = (Registry::open(), Project::empty(), Project::empty());
    let project = project(&registry.address());
    weights(&project, cache.path(), &["status"]).run().exits(1);
    weights(&project, cache.path(), &["import", "--dry-run"]).run().succeeds();
    assert!(!project.file("weights.lock").exists(), "nothing is written when only asked");

    let first = weights(&project, cache.path(), &["import"]).run().succeeds();
    assert_eq!(first.output().trim(), format!("{}/me/model@{}", registry.address(), digest(&project)));
    assert_eq!(registry.digest("me/model", &tag(&project)), digest(&project));
    let paths: Vec<Value> = lock(&project)["weights"][0]["files"]
        .as_array()
        .map(|files| files.iter().map(|file| file["path"].clone()).collect())
        .unwrap_or_default();
    assert_eq!(paths, ["config.json", "deep/vocab.txt", "model.safetensors"]);

    let text = std::fs::read(project.file("weights.lock")).ok();
    weights(&project, cache.path(), &["import"]).run().succeeds().says("unchanged").says("there already");
    assert_eq!(std::fs::read(project.file("weights.lock")).ok(), text, "the lock file is as it was");
    weights(&project, cache.path(), &["status"]).run().succeeds();

    weights(&project, other.path(), &["pull"]).run().succeeds().says("3 of 3 files");
    weights(&project, other.path(), &["pull"]).run().succeeds().says("here already");
    for file in lock(&project)["weights"][0]["files"].as_array().into_iter().flatten() {
        let (path, hex) =
            (file["path"].as_str().unwrap_or_default(), &file["digest"].as_str().unwrap_or_default()[7..]);
        let kept = other.file(&format!("weights/files/sha256/{}/{hex}", &hex[..2]));
        assert_eq!(
            std::fs::read(kept).ok(),
            std::fs::read(project.file(&format!("net/{path}"))).ok(),
            "{path}"
        );
    }
}

#[test]
fn a_tag_stands_for_what_was_imported_last() {
    needs_registry!();
    let (registry, cache) = (Registry::open(), Project::empty());
    let project = project(&registry.address());
    let import = |target: &str| {
        let config = std::fs::read_to_string(project.file("cog.yaml")).expect("a configuration");
        let others = config.lines().filter(|line| !line.contains("target:"));
        let lines: Vec<String> = others.map(str::to_owned).collect();
        let (head, tail) = lines.split_at(3);
        let text = [head, &[format!("    target: {target}")], tail].concat().join("\n");
        project.write("cog.yaml", text);
        weights(&project, cache.path(), &["import"]).run().succeeds();
        assert_eq!(registry.digest("me/model", &tag(&project)), digest(&project), "{target}");
        digest(&project)
    };
    let (first, second) = (import("/src/net"), import("/src/other"));
    assert_ne!(first, second, "the same files at another target have the same tag");
    assert_eq!(import("/src/net"), first);
}

#[test]
fn a_push_of_weights_survives_cuts_and_stumbles() {
    needs_registry!();
    let (registry, project, _way, outcome) = over(|asked| match (asked.method, asked.count) {
        ("PATCH", 1) => Fault::Cut(1_000_000),
        ("PATCH", 2) | ("HEAD", 1) => Fault::Answer(502, ""),
        ("POST", 0) => Fault::Answer(429, "Retry-After: 1\r\n"),
        ("PUT", 0) => Fault::Answer(500, ""),
        _ => Fault::None,
    });
    outcome.succeeds();
    assert_eq!(registry.digest("me/model", &tag(&project)), digest(&project));
}

#[test]
fn a_registry_that_refuses_weights_is_told_at_once() {
    needs_registry!();
    for (method, status, said) in [
        ("POST", 403, "does not let you"),
        ("PATCH", 413, "COG_PUSH_DEFAULT_CHUNK_SIZE"),
        ("POST", 401, "cog login"),
        ("POST", 404, "no repository"),
    ] {
        let (registry, project, way, outcome) =
            over(move |asked| if asked.method == method { Fault::Answer(status, "") } else { Fault::None });
        outcome.exits(1).says(said).says(&way.address()).says_one_thing();
        assert!(!registry.has("me/model", &tag(&project)), "nothing is named after {status}");
    }
}

#[test]
fn a_lock_file_that_was_edited_is_not_followed_and_an_import_mends_it() {
    needs_registry!();
    let (registry, cache, other) = (Registry::open(), Project::empty(), Project::empty());
    let project = project(&registry.address());
    weights(&project, cache.path(), &["import"]).run().succeeds();
    let text = std::fs::read_to_string(project.file("weights.lock")).expect("the lock file is written");
    project.write("weights.lock", text.replacen("\"config.json\"", "\"../config.json\"", 1));
    weights(&project, other.path(), &["pull"])
        .run()
        .exits(1)
        .says("changed by hand")
        .says("cog weights import net");
    weights(&project, cache.path(), &["import"]).run().succeeds();
    weights(&project, other.path(), &["pull"]).run().succeeds();
    let config = std::fs::read_to_string(project.file("cog.yaml")).expect("there is a cog.yaml");
    project.write("cog.yaml", config.replace("/src/net", "/src/other"));
    weights(&project, other.path(), &["pull"])
        .run()
        .exits(1)
        .says("another target")
        .says("cog weights import");
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing_that_is_not_whole() {
    needs_registry!();
    let Some(disk) = TinyDisk::of_kib(8 << 10) else { return };
    let registry = Registry::open();
    let project = project(&registry.address());
    weights(&project, disk.path(), &["import"]).run().exits(1).says("disk is full").says_one_thing();
    assert!(!project.file("weights.lock").exists(), "nothing is noted");
    let drafts = std::fs::read_dir(disk.path().join("weights/drafts")).into_iter().flatten().count();
    assert_eq!(drafts, 0, "nothing half-written stays");
}

#[test]
fn two_imports_at_once_come_to_one_lock_file() {
    needs_registry!();
    let (registry, cache) = (Registry::open(), Project::empty());
    let project = project(&registry.address());
    let runs = [(); 2].map(|()| weights(&project, cache.path(), &["import"]).start());
    for run in runs {
        run.finish_within(Duration::from_secs(300)).succeeds();
    }
    assert_eq!(registry.digest("me/model", &tag(&project)), digest(&project));
}

/// What the registry at `port` of this machine answers to a request.
fn of_the_registry(port: u16, request: &cog_tests::Request) -> Answer {
    let accept = "application/vnd.oci.image.manifest.v1+json";
    let reply = Connection::open(port)
        .and_then(|mut it| it.request(&request.method, &request.path, &[("accept", accept)], b""))
        .expect("the registry answers");
    Answer { status: reply.status, ..Answer::file(reply.body) }
}

#[test]
fn a_pull_that_was_killed_goes_on_where_it_was() {
    needs_registry!();
    let (registry, cache, other) = (Registry::open(), Project::empty(), Project::empty());
    let project = project(&registry.address());
    weights(&project, cache.path(), &["import"]).run().succeeds();

    // A way on which the largest layer stalls when it is asked for first.
    let (port, asked) = (registry.port(), Arc::new(Mutex::new(Vec::new())));
    let memory = Arc::clone(&asked);
    let way = Web::giving(move |request| {
        let mut answer = of_the_registry(port, request);
        if answer.body.len() > 60 << 20 {
            let mut asked = memory.lock().unwrap_or_else(PoisonError::into_inner);
            asked.push(request.from);
            answer.cut = (asked.len() == 1).then_some((40 << 20, 30));
        }
        answer
    });
    let config = std::fs::read_to_string(project.file("cog.yaml")).expect("there is a cog.yaml");
    project.write("cog.yaml", config.replace(&registry.address(), &way.address()));
    let first = weights(&project, other.path(), &["pull"]).start();
    let here = || {
        let parts = std::fs::read_dir(other.file("weights/partial")).into_iter().flatten().flatten();
        parts.filter_map(|part| part.metadata().ok()).map(|part| part.len()).max().unwrap_or(0)
    };
    let patience = Instant::now() + Duration::from_secs(120);
    while here() < 39 << 20 {
        assert!(Instant::now() < patience, "{} bytes came", here());
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(300));
    let had = here();
    first.signal(rustix::process::Signal::KILL);
    first.finish_within(Duration::from_secs(10)).ends_by_signal(9);
    weights(&project, other.path(), &["pull"]).run().succeeds();
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    let again = asked[1].expect("it asks for the rest") as u64;
    assert!(asked.len() == 2 && (had..had + 4096).contains(&again), "{asked:?} after {had}");
    let hex = lock(&project)["weights"][0]["files"][2]["digest"].as_str().unwrap_or_default()[7..].to_owned();
    let kept = std::fs::read(other.file(&format!("weights/files/sha256/{}/{hex}", &hex[..2])));
    assert_eq!(kept.ok(), std::fs::read(project.file("net/model.safetensors")).ok());
}

#[test]
fn a_pull_is_done_from_a_registry_that_knows_no_ranges() {
    needs_registry!();
    let (registry, cache, other) = (Registry::open(), Project::empty(), Project::empty());
    let project = project(&registry.address());
    weights(&project, cache.path(), &["import"]).run().succeeds();
    let (port, cuts) = (registry.port(), Arc::new(Mutex::new(0)));
    let way = Web::giving(move |request| {
        let mut answer = Answer { ranges: false, ..of_the_registry(port, request) };
        if answer.body.len() > 60 << 20 {
            let mut cuts = cuts.lock().unwrap_or_else(PoisonError::into_inner);
            *cuts += 1;
            // Where no piece that a network makes ends.
            answer.cut = (*cuts < 3).then_some(((20 << 20) * *cuts + 12_345, 0));
        }
        answer
    });
    let config = std::fs::read_to_string(project.file("cog.yaml")).expect("there is a cog.yaml");
    project.write("cog.yaml", config.replace(&registry.address(), &way.address()));
    weights(&project, other.path(), &["pull"]).run().succeeds().says("3 of 3 files");
}

#[test]
fn a_weight_that_a_disk_has_spoilt_is_told_and_not_sent_for_ever() {
    needs_registry!();
    let (first, second, cache) = (Registry::open(), Registry::open(), Project::empty());
    let project = project(&first.address());
    weights(&project, cache.path(), &["import"]).run().succeeds();
    let hex = lock(&project)["weights"][0]["files"][2]["digest"].as_str().unwrap_or_default()[7..].to_owned();
    let kept = cache.file(&format!("weights/files/sha256/{}/{hex}", &hex[..2]));
    let mut bytes = std::fs::read(&kept).expect("it is in the store");
    bytes[1000] ^= 1;
    std::fs::remove_file(&kept).expect("it can be removed");
    std::fs::write(&kept, bytes).expect("it can be written");
    let config = std::fs::read_to_string(project.file("cog.yaml")).expect("there is a cog.yaml");
    project.write("cog.yaml", config.replace(&first.address(), &second.address()));
    let told = weights(&project, cache.path(), &["import"]).run().exits(1);
    told.says(&hex).says("remove it and run this again").says_one_thing();
    assert!(!second.has("me/model", &tag(&project)), "nothing is named");
    std::fs::remove_file(&kept).expect("it can be removed");
    weights(&project, cache.path(), &["import"]).run().succeeds();
    assert_eq!(second.digest("me/model", &tag(&project)), digest(&project));
}

#[test]
fn what_no_project_needs_is_pruned() {
    needs_registry!();
    let (registry, cache) = (Registry::open(), Project::empty());
    let project = project(&registry.address());
    let prune =
        |words: &[&str]| weights(&project, cache.path(), &[&["prune"], words].concat()).run().succeeds();
    prune(&[]).says("0 files");
    weights(&project, cache.path(), &["import"]).run().succeeds();
    prune(&[]).says("Freed 0 B, 0 files").says("3 files of 1 project stay, 67.0 MiB");
    let config = std::fs::read_to_string(project.file("cog.yaml")).expect("there is a cog.yaml");
    project.write("cog.yaml", config.replace("\"*.md\"", "\"*.md\", \"deep/\""));
    weights(&project, cache.path(), &["import"]).run().succeeds();
    prune(&["--dry-run"]).says("Would free 3.0 MiB, 1 file");
    prune(&[]).says("Freed 3.0 MiB, 1 file").says("2 files of 1 project");
    prune(&["--all"]).says("2 files");
    weights(&project, cache.path(), &["pull"]).run().succeeds().says("2 of 2 files");
}
