//! `cog predict --local`: inputs from the command line, outputs to stdout and to files.

use cog_tests::{Project, cog};
use serde_json::json;

use crate::models::{copier, greeter, mirror, sleeper};

fn local(project: &Project) -> cog_tests::Cog {
    cog(["predict", "--local"]).within(project.path()).without_docker()
}

#[test]
fn text_is_printed_bare() {
    local(greeter()).input("name=Ada").run().succeeds().prints("Hello, Ada!").leaves_nothing_running();
}

#[test]
fn a_default_may_be_overridden() {
    let run = local(greeter()).input("name=Ada").input("times=2").input("manner=cold").run();
    run.succeeds().prints("Ada Ada");
}

#[test]
fn logs_go_to_stderr_and_not_into_the_answer() {
    local(greeter()).input("name=Ada").run().succeeds().says("greeting Ada").prints("Hello, Ada!");
}

#[test]
fn run_is_another_word_for_predict() {
    let run = cog(["run", "--local", "-i", "name=Ada"]).within(greeter().path()).run();
    run.succeeds().prints("Hello, Ada!");
}

#[test]
fn a_value_may_contain_equals_signs() {
    local(greeter()).input("name=a=b").run().succeeds().prints("Hello, a=b!");
}

#[test]
fn the_directory_may_be_given_and_a_parent_is_searched() {
    let source = greeter().file("src");
    cog(["predict", "--local", "-i", "name=Ada"]).within(&source).run().succeeds().prints("Hello, Ada!");
    let run = cog(["predict", "--local", "-i", "name=Ada", "-C"]).arg(greeter().path()).run();
    run.succeeds().prints("Hello, Ada!");
}

#[test]
fn values_take_the_type_the_signature_asks_for() {
    let run = local(mirror())
        .input("text=7")
        .input("whole=7")
        .input("real=7")
        .input("flag=true")
        .input("table={\"a\": 1}")
        // On the wire, any JSON is an object.
        .input("anything={\"b\": [1, null]}")
        .run()
        .succeeds();
    let answer = run.json();
    assert_eq!(answer["text"], "7");
    assert_eq!(answer["whole"], 7);
    assert_eq!(answer["real"].as_f64(), Some(7.0));
    assert_eq!(answer["flag"], true);
    assert_eq!(answer["table"], json!({"a": 1}));
    assert_eq!(answer["anything"], json!({"b": [1, null]}));
}

#[test]
fn sixty_four_bit_numbers_stay_intact() {
    let run = local(mirror())
        .input("whole=-9223372036854775808")
        .input("large=18446744073709551615")
        .input("real=0.1234567890123456")
        .run()
        .succeeds();
    let output = run.output();
    for number in ["-9223372036854775808", "18446744073709551615", "0.1234567890123456"] {
        assert!(output.contains(number), "{number} in {output}");
    }
}

#[test]
fn a_single_value_for_a_list_is_wrapped() {
    let answer = local(mirror()).input("words=one").input("numbers=1").run().succeeds().json();
    assert_eq!(answer["words"], json!(["one"]));
    assert_eq!(answer["numbers"], json!([1]));
}

#[test]
fn a_repeated_input_makes_a_list() {
    let answer = local(mirror()).input("words=one").input("words=two").run().succeeds().json();
    assert_eq!(answer["words"], json!(["one", "two"]));
}

#[test]
fn a_list_may_be_json() {
    let answer = local(mirror()).input("words=[\"one\", \"two\"]").run().succeeds().json();
    assert_eq!(answer["words"], json!(["one", "two"]));
}

#[test]
fn inputs_may_come_as_json() {
    let from_argument = local(mirror()).arg("--json").arg(r#"{"whole": 3}"#).run().succeeds();
    assert_eq!(from_argument.json()["output"]["whole"], 3);
    let from_stdin = local(mirror()).arg("--json").arg("@-").stdin(r#"{"whole": 4}"#).run().succeeds();
    assert_eq!(from_stdin.json()["output"]["whole"], 4);
}

#[test]
fn the_json_answer_tells_the_status() {
    let answer = local(greeter()).arg("--json").arg(r#"{"name": "Ada"}"#).run().succeeds().json();
    assert_eq!(answer["status"], "succeeded");
    assert_eq!(answer["output"], "Hello, Ada!");
}

#[test]
fn text_may_go_to_a_file() {
    let place = Project::empty();
    let out = place.file("greeting.txt");
    local(greeter()).input("name=Ada").arg("-o").arg(&out).run().succeeds().prints("");
    assert_eq!(std::fs::read_to_string(out).expect("it was written").trim_end(), "Hello, Ada!");
}

#[test]
fn a_file_goes_in_and_a_file_comes_out() {
    let place = Project::empty().with("in.txt", "some bytes");
    let run = cog(["predict", "--local", "-i", "file=@in.txt", "-o", "out.txt", "-C"])
        .arg(copier().path())
        .within(place.path())
        .run();
    // Paths are those of the caller, wherever the project is.
    run.succeeds().prints("").says("out.txt");
    assert_eq!(std::fs::read(place.file("out.txt")).expect("it was written"), b"some bytes");
}

#[test]
fn a_file_without_a_name_is_called_output_with_its_extension() {
    let place = Project::empty().with("in.txt", "some bytes");
    let run = cog(["predict", "--local", "-i", "file=@in.txt", "-i", "name=copy.txt", "-C"])
        .arg(copier().path())
        .within(place.path())
        .run();
    run.succeeds();
    assert_eq!(std::fs::read(place.file("output.txt")).expect("it was written"), b"some bytes");
}

#[test]
fn a_failed_prediction_fails_the_command_and_gives_the_cause() {
    let run = local(sleeper()).input("fail=true").run();
    run.exits(1).says("a bad dream").says("falling asleep").prints("").leaves_nothing_running();
}

#[test]
fn a_failed_setup_fails_the_command_and_gives_the_cause() {
    let run = local(sleeper()).env("SETUP_SECONDS", "fail").run();
    run.exits(1).says("there is no bed").leaves_nothing_running();
}

#[test]
fn a_setup_that_takes_too_long_is_given_up() {
    let run = local(sleeper()).env("SETUP_SECONDS", "600").arg("--setup-timeout").arg("2").run();
    run.exits(1).leaves_nothing_running();
}

#[test]
fn schema_prints_the_openapi_document() {
    let document = cog(["schema", "--local"]).within(greeter().path()).run().succeeds().json();
    assert_eq!(document["openapi"], "3.0.2");
    let input = &document["components"]["schemas"]["Input"];
    assert_eq!(input["required"], json!(["name"]));
    assert_eq!(input["properties"]["times"]["maximum"], 3);
    assert_eq!(input["properties"]["name"]["description"], "Whom to greet");
}
