//! What people get wrong: one clear message, the documented exit code, nothing left behind.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;

use cog_tests::docker::ImageName;
use cog_tests::{Cog, Project, Server, cog, needs_docker};

use crate::models::{copier, greeter, mirror};

fn local(project: &Project) -> Cog {
    cog(["predict", "--local"]).within(project.path()).without_docker()
}

/// Wrong inputs are known without an engine, and before anything runs.
fn wrong(project: &Project, inputs: &[&str]) -> cog_tests::Outcome {
    let contained = cog(["predict", "--local"]).within(project.path()).without_docker();
    let run = inputs.iter().fold(contained, |run, input| run.input(input)).run();
    run.exits(1).says_one_thing().does_not_say("greeting").prints("").leaves_nothing_running()
}

#[test]
fn a_directory_without_cog_yaml_is_pointed_to_init() {
    let nothing = Project::empty();
    for command in [
        &["build"][..],
        &["predict", "-i", "x=1"],
        &["predict", "--local", "-i", "x=1"],
        &["serve"],
        &["schema"],
        &["dockerfile"],
        &["push", "127.0.0.1:1/x"],
    ] {
        let run = cog(command).within(nothing.path()).run();
        run.exits(1).says("cog.yaml").says("cog init").says_one_thing().leaves_nothing_running();
    }
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    cog(["build", "-C", "/nonexistent/place"]).run().exits(1).says("/nonexistent/place").says_one_thing();
}

#[test]
fn a_project_without_cargo_toml_is_told_that_a_model_is_a_package() {
    let project = Project::empty().with("cog.yaml", "build: {}\n");
    for command in [&["build"][..], &["predict", "--local", "-i", "x=1"], &["dockerfile"]] {
        let run = cog(command).within(project.path()).run();
        run.exits(1).says("Cargo.toml").says_one_thing().leaves_nothing_running();
    }
}

#[test]
fn faults_of_cog_yaml_come_all_at_once_with_their_places() {
    let project = Project::empty()
        .with_package("")
        .with("src/main.rs", "fn main() {}\n")
        .with("cog.yaml", "build:\n  gpu: maybe\n  sytem_packages: [ffmpeg]\n  gpu: true\nimage: [1]\n");
    let run = cog(["build"]).within(project.path()).without_docker().run();
    run.exits(1)
        .says("cog.yaml:2:")
        .says("cog.yaml:3:")
        .says("system_packages")
        .says("cog.yaml:4:")
        .says("cog.yaml:5:")
        .leaves_nothing_running();
}

const NO_COMPILE: &str = "use cog::prelude::*;\n\n#[cog::predict]\nfn hello(name: String) -> String {\n    \
     nothing_of_that_name(name)\n}\n\nfn main() -> ExitCode {\n    cog::main::<hello>()\n}\n";

#[test]
fn a_model_that_does_not_compile_shows_the_compilers_words() {
    let project = Project::model(NO_COMPILE);
    let run = local(&project).input("name=Ada").run();
    run.exits(1)
        .says("cannot find function `nothing_of_that_name`")
        .says("src/main.rs:5")
        .does_not_say("panicked")
        .leaves_nothing_running();
}

#[test]
fn a_model_that_does_not_compile_shows_the_compilers_words_from_the_builder_too() {
    needs_docker!();
    let project = Project::initialised().with("src/main.rs", NO_COMPILE);
    let image = ImageName::fresh();
    let run = cog(["build", "-t", &image]).within(project.path()).run();
    run.exits(1)
        .says("cannot find function `nothing_of_that_name`")
        .says("src/main.rs:5")
        .does_not_say("panicked")
        .leaves_nothing_running();
    assert!(!cog_tests::docker::has_image(&image), "nothing broken is tagged");
}

#[test]
fn a_binary_without_a_predictor_is_told_what_a_model_is() {
    let project = Project::model("fn main() {\n    println!(\"just a program\");\n}\n");
    let run = local(&project).input("name=Ada").run();
    run.exits(1).says("cog::main").says_one_thing().leaves_nothing_running();
}

#[test]
fn a_binary_that_never_ends_is_not_waited_for_for_ever() {
    let project =
        Project::model("fn main() {\n    std::thread::sleep(std::time::Duration::from_secs(3600));\n}\n");
    let run = local(&project).input("name=Ada").arg("--setup-timeout").arg("3").run();
    run.exits(1).leaves_nothing_running();
}

#[test]
fn two_models_in_one_package_need_a_choice() {
    let project = Project::model(include_str!("models/greeter.rs"))
        .with("src/bin/one.rs", include_str!("models/greeter.rs"))
        .with("src/bin/two.rs", include_str!("models/greeter.rs"));
    let run = local(&project).input("name=Ada").run();
    run.exits(1).says("one").says("two").says("bin").says_one_thing().leaves_nothing_running();
}

#[test]
fn two_predict_functions_in_one_model_are_a_compile_error_at_their_place() {
    let main = "use cog::prelude::*;\n\nstruct Twice;\n\n#[cog::predictor]\nimpl Twice {\n    \
         fn setup() -> Self {\n        Self\n    }\n\n    fn predict(&self, a: String) -> String {\n        a\n    }\n\n    \
         fn predict(&self, b: String) -> String {\n        b\n    }\n}\n\nfn main() -> ExitCode {\n    \
         cog::main::<Twice>()\n}\n";
    let run = local(&Project::model(main)).input("a=x").run();
    run.exits(1).says("src/main.rs:15").says("predict").leaves_nothing_running();
}

#[test]
fn without_docker_there_is_a_way_on() {
    let run = cog(["build"]).within(greeter().path()).without_docker().run();
    run.exits(1).says("Docker").says("start").says_one_thing();
    let run = cog(["predict", "-i", "name=Ada"]).within(greeter().path()).without_docker().run();
    run.exits(1).says("Docker").says("--local").says_one_thing();
    let run = cog(["predict", "some/image", "-i", "name=Ada"]).without_docker().run();
    run.exits(1).says("Docker").says_one_thing();
    let run = cog(["push", "127.0.0.1:1/some/image"]).within(greeter().path()).without_docker().run();
    run.exits(1).says("Docker").says_one_thing();
}

#[test]
fn a_base_image_that_is_not_to_be_had_is_named() {
    needs_docker!();
    let project = Project::initialised().with("cog.yaml", "build:\n  rust_version: \"1.9999\"\n");
    let image = ImageName::fresh();
    let run = cog(["build", "-t", &image]).within(project.path()).run();
    run.exits(1).says("rust:1.9999-slim-bookworm").does_not_say("panicked").leaves_nothing_running();
}

#[test]
fn an_output_path_that_cannot_be_written_is_told_before_anything_compiles() {
    for path in ["/nonexistent/out.txt", "/proc/out.txt"] {
        let run = local(greeter()).input("name=Ada").arg("-o").arg(path).run();
        run.exits(1)
            .says(path.rsplit_once('/').map_or(path, |(directory, _)| directory))
            .says_one_thing()
            .does_not_say(".tmp")
            .does_not_say("greeting");
    }
}

#[test]
fn wrong_inputs_are_told_before_docker_is_asked_for_anything() {
    let project = Project::initialised()
        .with("cog.yaml", "build:\n  system_packages: [hello]\n  run:\n    - echo made > /made\n");
    let run = cog(["predict", "-i", "nmae=Ada"]).within(project.path()).without_docker().run();
    run.exits(1).says("did you mean `name`").does_not_say("Docker").leaves_nothing_running();
}

#[test]
fn an_unknown_input_names_the_ones_there_are() {
    wrong(greeter(), &["name=Ada", "tims=2"]).says("tims").says("times");
}

#[test]
fn a_missing_input_is_named() {
    wrong(greeter(), &[]).says("name");
}

#[test]
fn an_input_of_the_wrong_type_is_named_with_the_right_one() {
    wrong(greeter(), &["name=Ada", "times=often"]).says("times").says("integer");
}

#[test]
fn an_input_out_of_range_is_told_the_range() {
    wrong(greeter(), &["name=Ada", "times=4"]).says("times").says("3");
    wrong(greeter(), &["name=Ada", "times=0"]).says("times").says("1");
    wrong(greeter(), &["name=a name of more than twelve letters"]).says("name").says("12");
}

#[test]
fn an_input_that_is_no_choice_is_told_the_choices() {
    wrong(greeter(), &["name=Ada", "manner=wry"]).says("manner").says("warm").says("cold");
}

#[test]
fn a_repeated_input_that_is_no_list_is_refused() {
    wrong(greeter(), &["name=Ada", "name=Bob"]).says("name");
}

#[test]
fn all_wrong_inputs_are_reported_in_one_run() {
    wrong(greeter(), &["times=9", "manner=wry", "tims=1"]).says("tims");
    wrong(greeter(), &["times=9", "manner=wry"]).says("times").says("manner").says("name");
}

#[test]
fn a_number_beyond_its_type_is_refused_and_not_rounded() {
    wrong(mirror(), &["whole=9223372036854775808"]).says("whole");
    wrong(mirror(), &["large=-1"]).says("large");
}

#[test]
fn an_input_without_an_equals_sign_is_told_the_form() {
    local(greeter()).input("Ada").run().says("Ada").says("name=value").leaves_nothing_running();
}

#[test]
fn a_file_that_is_not_there_is_named() {
    wrong(copier(), &["file=@/nonexistent/photo.png"]).says("file").says("/nonexistent/photo.png");
}

#[test]
fn a_text_file_in_place_of_json_is_refused() {
    let run = local(greeter()).arg("--json").arg("name: Ada").run();
    run.exits(1).says("JSON").says_one_thing();
    let run = local(greeter()).arg("--json").arg("[1]").run();
    run.exits(1).says("object").says_one_thing();
}

#[test]
fn an_input_that_is_not_utf_8_is_refused_in_words() {
    let run = local(greeter()).input(OsStr::from_bytes(b"name=\xff\xfe")).run();
    let code = run.messages();
    assert!(code.to_lowercase().contains("utf-8"), "{run}");
    run.does_not_say("panicked").prints("").leaves_nothing_running();
}

#[test]
fn a_cog_yaml_that_is_not_utf_8_is_refused_in_words() {
    let project = Project::model("fn main() {}\n").with("cog.yaml", b"build:\n  gpu: \xff\n");
    let run = cog(["dockerfile"]).within(project.path()).run();
    run.exits(1).says("cog.yaml:2:8: byte 0xff is not UTF-8").does_not_say("panicked");
}

#[test]
fn a_project_in_a_directory_whose_name_is_not_utf_8_works_or_says_why_not() {
    let home = Project::empty();
    let directory = home.path().join(OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&directory).expect("this file system takes any bytes");
    let run = cog(["dockerfile", "-C"]).arg(&directory).run();
    run.exits(1).does_not_say("panicked").says("cog.yaml");
}

#[test]
fn a_file_of_a_hundred_mebibytes_is_refused_in_words() {
    let place = Project::empty().with("large.bin", vec![b'x'; 100 << 20]);
    let run = cog(["predict", "--local", "-i", "file=@large.bin", "-C"])
        .arg(copier().path())
        .within(place.path())
        .run();
    run.exits(1).says_any(&["large", "limit", "100 MiB", "MiB"]).says_one_thing().leaves_nothing_running();
}

#[test]
fn a_port_in_use_is_named_by_serve() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("some port is free");
    let port = taken.local_addr().expect("it has an address").port().to_string();
    let run = cog(["serve", "--local", "-p", &port]).within(greeter().path()).run();
    run.exits(1).says(&port).says_one_thing().leaves_nothing_running();
}

#[test]
fn a_port_in_use_is_named_by_a_model() {
    let taken = TcpListener::bind(("0.0.0.0", 0)).expect("some port is free");
    let port = taken.local_addr().expect("it has an address").port();
    let run = Server::on_port("echo", port, &[]).finish_within(std::time::Duration::from_secs(30));
    run.exits(1).says(&port.to_string()).does_not_say("panicked").leaves_nothing_running();
}

#[test]
fn an_unknown_command_or_flag_is_a_usage_error() {
    cog(["biuld"]).run().exits(2).says("build").prints("");
    cog(["build", "--no-such-flag"]).run().exits(2).says("--no-such-flag").prints("");
}

#[test]
fn an_image_name_that_is_none_is_refused() {
    let run = cog(["build", "-t", "Not A Name"]).within(greeter().path()).run();
    run.says("Not A Name").does_not_say("panicked").leaves_nothing_running();
}
