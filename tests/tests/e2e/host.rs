//! `cog build --builder host`: images without an engine's builder, and without an engine.

use std::path::Path;
use std::process::{Command, Stdio};

use cog_tests::docker::{self, ImageName};
use cog_tests::{EngineWay, Project, cog, needs_docker, repository};
use serde_json::Value;

/// Says which address a name has, by the C library of the image.
const LOOKUP: &str = "\
use std::net::ToSocketAddrs;
use std::process::ExitCode;

#[cog::predict]
fn lookup(name: String) -> cog::Result<String> {
    let text = std::fs::read_to_string(\"notes.txt\")?;
    let mut found = (name.as_str(), 80).to_socket_addrs()?;
    Ok(format!(\"{} {}\", text.trim(), found.next().map(|found| found.ip().to_string()).unwrap_or_default()))
}

fn main() -> ExitCode {
    cog::main::<lookup>()
}
";

fn lookup() -> Project {
    Project::kept("lookup", LOOKUP).with("notes.txt", "found:\n")
}

fn json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).expect("JSON")
}

#[test]
fn an_image_of_the_hosts_is_small_runs_read_only_and_resolves_names() {
    needs_docker!();
    let project = lookup();
    let image = ImageName::fresh();
    let build = || {
        let cog = cog(["build", "--builder", "host", "-t", &image]).within(project.path());
        cog.run().succeeds().leaves_nothing_running()
    };
    build();
    let size = docker::ask(["image", "inspect", &image, "--format", "{{.Size}}"]);
    let config = docker::ask(["image", "inspect", &image, "--format", "{{json .Config}}"]);
    let config: Value = serde_json::from_str(&config).expect("docker prints JSON");
    assert_eq!(config["User"], "65532:65532");
    assert_eq!(config["StopSignal"], "SIGTERM");
    // It is compiled without optimisation, so the budget of 15 MiB is not for this one.
    assert!(size.parse::<u64>().is_ok_and(|size| size < 60 << 20), "{size} bytes");

    // The engine's own name server answers for the first name, /etc/hosts for the second.
    let network = format!("cog-tests-{}", std::process::id());
    docker::ask(["network", "create", &network]);
    let container = docker::ask([
        "run",
        "--detach",
        "--read-only",
        "--network",
        &network,
        "--network-alias",
        "themodel",
        "--add-host",
        "elsewhere:192.0.2.7",
        "--publish",
        "127.0.0.1::5000",
        &image,
    ]);
    let ask = |name: &str| -> Option<Value> {
        let port = docker::ask(["port", &container, "5000/tcp"]);
        let port = port.rsplit(':').next()?.parse().ok()?;
        let body = serde_json::json!({ "input": { "name": name } });
        let reply = cog_tests::Connection::open(port).ok()?.post("/predictions", &body).ok()?;
        (reply.status == 200).then(|| reply.json())
    };
    let patiently = |name: &str| {
        (0..100).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            ask(name)
        })
    };
    let answers = ["themodel", "elsewhere"].map(patiently);
    docker::ask(["rm", "--force", &container]);
    docker::ask(["network", "rm", &network]);
    let [by_server, by_file] = answers.map(|answer| answer.expect("an answer")["output"].clone());
    assert!(by_server.as_str().is_some_and(|text| text.starts_with("found: 1")), "{by_server}");
    assert_eq!(by_file, "found: 192.0.2.7");

    build().says("unchanged");
}

#[test]
fn the_same_source_gives_the_same_digest_wherever_it_lies_and_without_an_engine() {
    let places = tempfile::tempdir().expect("a directory can be made");
    let build = |place: &str| {
        let clone = places.path().join(place);
        copy(&clone);
        let layout = places.path().join("image").join(place);
        let mut destination = std::ffi::OsString::from("oci:");
        destination.push(&layout);
        let run = cog(["build", "--builder", "host", "--output"])
            .arg(destination)
            .within(clone.join("examples/hello-world"))
            // As authors do: its size is looked at.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3")
            .env("GITHUB_SHA", "0123")
            .env("GITHUB_REF_NAME", "v1")
            .without_docker()
            .run()
            .succeeds()
            .leaves_nothing_running();
        let index = json(&layout.join("index.json"));
        let digest = index["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
        assert_eq!(run.output().trim_end(), digest);
        let manifest = json(&layout.join("blobs/sha256").join(digest.trim_start_matches("sha256:")));
        let size: u64 = manifest["layers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|layer| layer["size"].as_u64())
            .sum();
        assert!(size < 15 << 20, "{size} bytes");
        digest
    };
    assert_eq!(build("one"), build("somewhere/else"));
}

/// What Git knows of the checkout, as it lies here.
fn copy(place: &Path) {
    std::fs::create_dir_all(place).expect("a directory can be made");
    let mut list = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(repository())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git starts");
    let unpacked = Command::new("sh")
        .args(["-c", "tar --null --files-from=- --ignore-failed-read -cf - | tar -xf - -C \"$0\""])
        .arg(place)
        .current_dir(repository())
        .stdin(list.stdout.take().expect("a pipe"))
        .status();
    assert!(
        unpacked.is_ok_and(|status| status.success()) && list.wait().is_ok_and(|status| status.success())
    );
}

#[test]
fn the_engine_is_not_sent_the_layers_that_it_has() {
    needs_docker!();
    let large: u64 = 96 << 20;
    let project = Project::kept("lookup-in-the-large", LOOKUP).with("notes.txt", "found:\n");
    let image = ImageName::fresh();
    // No other run's.
    let mut content = image.as_bytes().to_vec();
    content.resize(usize::try_from(large).expect("it fits"), 7);
    project.write("large.bin", content);
    let way = EngineWay::open();
    let build = |notes: &str| {
        project.write("notes.txt", format!("{notes}:\n"));
        let build = cog(["build", "--builder", "host", "-t", &image]);
        build
            .within(project.path())
            .env("DOCKER_HOST", way.address())
            .run()
            .succeeds()
            .leaves_nothing_running();
        let answer = cog(["predict", &image, "-i", "name=localhost"]).run().succeeds();
        assert!(answer.output().contains(&format!("{notes}: ")), "{answer}");
        docker::ask(["image", "inspect", &image, "--format", "{{.Id}}"])
    };
    let mut made = vec![build("found")];
    // One that has to be given all of them is.
    for notes in ["once", "twice", "thrice"] {
        match notes {
            "once" => way.refuse_an_image(),
            "twice" => way.fail_to_unpack_an_image(),
            _ => way.lose(&made),
        }
        made.push(build(notes));
        assert!(!way.has_more_to_come());
    }
    // The way does not bear the large layer again.
    way.cut_after(large);
    build("now");
}

#[test]
fn what_was_compiled_for_this_machine_is_not_compiled_again_for_the_image() {
    let project = lookup();
    // As where nobody has told Cargo of another place.
    let own = project.file("target");
    let cog = |arguments: &[&str]| cog(arguments).within(project.path()).env("CARGO_TARGET_DIR", &own);
    let answer = cog(&["predict", "--local", "-i", "name=localhost"]).run().succeeds();
    assert!(answer.output().contains("127.0.0.1") || answer.output().contains("::1"), "{answer}");
    assert!(!own.exists(), "{} is taken", own.display());
    let image = tempfile::tempdir().expect("a directory can be made");
    let output = format!("oci:{}", image.path().display());
    let build = cog(&["build", "--builder", "host", "--output", &output]).without_docker().run().succeeds();
    build.says("Finished").does_not_say("Compiling lookup");
}

#[test]
fn dependencies_are_compiled_once_for_all_models_and_each_clone_for_itself() {
    let greeting = |greeting: &str| LOOKUP.replace("{} {}", &format!("{greeting} {{}} {{}}"));
    let clone = |name: &str, text: &str| {
        Project::initialised_as(name).with("src/main.rs", greeting(text)).with("notes.txt", "found:")
    };
    let cog = |project: &Project, arguments: &[&str]| {
        let own = project.file("target");
        let cog = cog(arguments).within(project.path()).env("CARGO_TARGET_DIR", own);
        cog.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0").run().succeeds()
    };
    let asked = ["predict", "--local", "-i", "name=localhost"];
    // The second clone's file is the older one: Cargo must not take it for what it compiled of the first.
    let [second, first] = ["second", "first"].map(|text| clone("clones", text));
    assert!(cog(&first, &asked).output().contains("first found:"));
    assert!(cog(&second, &asked).output().contains("second found:"));
    // Nor when it comes to where the first one was.
    assert!(cog(&first, &asked).output().contains("first found:"));
    let (here, there) = (first.path(), second.path());
    let aside = here.with_extension("aside");
    let rename = |from: &Path, to: &Path| std::fs::rename(from, to).expect("a directory can be renamed");
    rename(here, &aside);
    rename(there, here);
    let answer = cog(&first, &asked);
    rename(here, there);
    rename(&aside, here);
    assert!(answer.output().contains("second found:"), "{answer}");

    let image = tempfile::tempdir().expect("a directory can be made");
    let output = format!("oci:{}", image.path().display());
    let other = clone("another-of-its-kind", "third");
    cog(&other, &["build", "--builder", "host", "--output", &output])
        .says("Compiling another-of-its-kind")
        .does_not_say("Compiling serde v");
}

#[test]
fn what_the_host_cannot_build_is_told_before_anything_is_compiled() {
    let project = Project::kept("lookup", LOOKUP);
    let packages = Project::empty().with_package("").with("src/main.rs", LOOKUP);
    let packages = packages.with("cog.yaml", "build:\n  system_packages: [libgl1]\n").locked();
    cog(["build", "--builder", "host"])
        .within(packages.path())
        .run()
        .exits(1)
        .says("`build.system_packages`")
        .says_one_thing();
    let occupied = tempfile::tempdir().expect("a directory can be made");
    std::fs::write(occupied.path().join("thesis.txt"), "x").expect("a file can be written");
    let mut destination = std::ffi::OsString::from("oci:");
    destination.push(occupied.path());
    cog(["build", "--output"])
        .arg(destination)
        .within(project.path())
        .without_docker()
        .run()
        .exits(1)
        .says("holds files, but no OCI layout")
        .does_not_say("Compiling");
    assert_eq!(std::fs::read_dir(occupied.path()).expect("it is there").count(), 1);
}

#[test]
fn another_machine_is_refused_before_anything_is_compiled_where_nothing_compiles_for_it() {
    let project = Project::kept("lookup", LOOKUP);
    let build = |builder: &str| {
        let arguments = ["build", "--platform", "linux/arm64", "--builder", builder];
        cog(arguments).within(project.path())
    };
    let linker = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER";
    let nowhere = tempfile::tempdir().expect("a directory can be made");
    let output = format!("--output=oci:{}", nowhere.path().display());
    let run = build("host").arg(output).env(linker, "/nonexistent/linker").without_docker().run();
    run.exits(1).says("linux/arm64").says_any(&["rustup target add", linker]).says_one_thing();
    cog(["build", "--platform", "linux/s390x"]).within(project.path()).run().exits(2).says("linux/arm64");

    needs_docker!();
    let emulated = std::fs::read_dir("/proc/sys/fs/binfmt_misc").into_iter().flatten().flatten();
    if emulated.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with("aarch64")) {
        return cog_tests::skip("this kernel emulates ARM");
    }
    let run = build("docker").run();
    run.exits(1).says("cannot run what is built for linux/arm64").says("binfmt").says_one_thing();
    let gpu = Project::initialised().with("cog.yaml", "build:\n  gpu: true\n  cuda: \"12.4\"\n");
    let run = cog(["build", "--platform", "linux/arm64"]).within(gpu.path()).run();
    run.exits(1).says("linux/amd64").says("--platform").says_one_thing();
}
