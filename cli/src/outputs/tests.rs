//! Outputs of every shape, and where they go.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::path::Path;

use cog_schema::envelope::{PredictionResponse, Status};
use cog_schema::{Delivery, Field, Output, Signature, Type};
use serde_json::{Value, json};

use super::{Destination, Error, Written};

const PNG: &str = "data:image/png;base64,YWJj";

fn response(output: Value) -> PredictionResponse {
    PredictionResponse { output: Some(output), ..PredictionResponse::new("id", Status::Succeeded) }
}

fn signature(ty: Type, delivery: Delivery) -> Signature {
    Signature { inputs: Vec::new(), output: Output { ty, delivery } }
}

fn written(
    o: Option<&Path>,
    json: bool,
    output: Value,
    ty: Type,
    delivery: Delivery,
) -> Result<Written, Error> {
    Destination::prepare(o, json)?.write(&response(output), Some(&signature(ty, delivery)))
}

fn names(written: &Written) -> Vec<String> {
    written.files.iter().map(|file| file.path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn text_is_printed_as_it_is_even_where_it_looks_like_a_file() {
    let printed =
        |text: &str| written(None, false, text.into(), Type::String, Delivery::Single).unwrap().stdout;
    assert_eq!(printed("hello"), "hello\n");
    assert_eq!(printed(PNG), format!("{PNG}\n"));
}

#[test]
fn tokens_read_as_one_text_and_other_pieces_as_a_list() {
    let pieces = json!(["to", "ken"]);
    let tokens = written(None, false, pieces.clone(), Type::String, Delivery::Concatenate).unwrap();
    assert_eq!(tokens.stdout, "token\n");
    let items = written(None, false, pieces, Type::String, Delivery::Iterator).unwrap();
    assert_eq!(items.stdout, "[\n  \"to\",\n  \"ken\"\n]\n");
}

#[test]
fn integers_of_64_bits_are_printed_whole() {
    let printed = written(None, false, json!(u64::MAX), Type::Any, Delivery::Single).unwrap();
    assert_eq!(printed.stdout, "18446744073709551615\n");
}

#[test]
fn a_file_is_called_as_it_was_named_or_by_its_type() {
    let home = tempfile::tempdir().unwrap();
    for (name, called) in [("a.dat", "a.dat"), ("b", "b.png"), ("c.1", "c.1.png")] {
        let path = home.path().join(name);
        let written = written(Some(&path), false, PNG.into(), Type::Path, Delivery::Single).unwrap();
        assert_eq!((names(&written), written.stdout.as_str()), (vec![called.to_owned()], ""));
        assert_eq!(std::fs::read(home.path().join(called)).unwrap(), b"abc");
    }
    let inside = written(Some(home.path()), false, PNG.into(), Type::Path, Delivery::Single).unwrap();
    assert_eq!(names(&inside), ["output.png"]);
}

#[test]
fn files_of_a_list_are_numbered() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("out");
    let list = Type::List(Box::new(Type::Path));
    let files = json!([PNG, "data:text/plain,a%20b"]);
    let as_list = written(Some(&path), false, files.clone(), list, Delivery::Single).unwrap();
    assert_eq!(names(&as_list), ["out.0.png", "out.1.txt"]);
    assert_eq!(std::fs::read(home.path().join("out.1.txt")).unwrap(), b"a b");
    let in_pieces = written(Some(&path), false, files, Type::Path, Delivery::Iterator).unwrap();
    assert_eq!(names(&in_pieces), ["out.0.png", "out.1.txt"]);
}

#[test]
fn files_inside_a_structure_are_kept_and_the_rest_says_where() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("result.json");
    let field = |name: &str, ty| Field { name: name.to_owned(), ty, description: None };
    let ty = Type::Object(vec![field("score", Type::Number), field("picture", Type::Path)]);
    let output = json!({"score": 0.5, "picture": PNG});
    let written = written(Some(&path), true, output, ty, Delivery::Single).unwrap();
    assert_eq!(names(&written), ["result.0.png", "result.json"]);
    let answer: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(answer["status"], "succeeded");
    assert!(answer["output"]["picture"].as_str().unwrap().ends_with("result.0.png"));
}

#[test]
fn a_place_that_takes_no_files_is_told_beforehand() {
    let fault = Destination::prepare(Some(Path::new("/nonexistent/out.txt")), false).unwrap_err().to_string();
    assert!(fault.contains("`/nonexistent`"), "{fault}");
}

#[test]
fn a_broken_data_url_is_told_and_no_output_is_no_failure() {
    let fault = written(None, false, "data:image/png;base64,!".into(), Type::Path, Delivery::Single);
    assert!(fault.unwrap_err().to_string().contains("base64"));
    let nothing = written(None, false, Value::Null, Type::Path, Delivery::Single).unwrap();
    assert_eq!((nothing.stdout.as_str(), nothing.warnings.len()), ("", 1));
}

/// What comes of an output that is told piece by piece.
fn told(ty: Type, delivery: Delivery, pieces: &[Value], succeeded: bool) -> (String, usize) {
    let place = tempfile::tempdir().unwrap();
    let named = (ty == Type::Path).then(|| place.path().join("out.png"));
    let destination = Destination::prepare(named.as_deref(), false).unwrap();
    let signature = signature(ty, delivery);
    let mut told = destination.pieces(&signature).unwrap();
    let (mut printed, mut files) = (String::new(), 0);
    for piece in pieces {
        let written = told.next(piece).unwrap();
        printed.push_str(&written.stdout);
        files += written.files.iter().filter(|file| file.path.is_file()).count();
    }
    printed.push_str(&told.end(succeeded).stdout);
    (printed, files)
}

#[test]
fn pieces_add_up_to_what_is_printed_at_once() {
    let outputs =
        [json!([]), json!(["to", "ken"]), json!(["a\n", "b\n"]), json!([{ "a": [1] }, { "b": {} }])];
    for output in outputs {
        let pieces = output.as_array().unwrap();
        for delivery in [Delivery::Iterator, Delivery::Concatenate] {
            let ty = if pieces.iter().all(Value::is_string) {
                Type::String
            } else {
                Type::Map(Type::Integer(cog_schema::IntegerRange::I64).into())
            };
            let whole = written(None, false, output.clone(), ty.clone(), delivery).unwrap();
            assert_eq!(told(ty, delivery, pieces, true).0, whole.stdout, "{output} {delivery:?}");
        }
    }
}

#[test]
fn files_are_written_as_they_come() {
    let (printed, files) = told(Type::Path, Delivery::Iterator, &[PNG.into(), PNG.into()], true);
    assert_eq!((printed.as_str(), files), ("", 2));
}

#[test]
fn a_prediction_that_fails_leaves_no_line_unfinished() {
    assert_eq!(told(Type::String, Delivery::Concatenate, &["to".into()], false).0, "to\n");
    assert_eq!(told(Type::String, Delivery::Iterator, &["to".into()], false).0, "[\n  \"to\"\n");
    assert_eq!(told(Type::String, Delivery::Concatenate, &[], false).0, "");
}

#[test]
fn what_has_to_be_whole_comes_in_no_pieces() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("out.txt");
    let tokens = signature(Type::String, Delivery::Concatenate);
    assert!(Destination::prepare(Some(&file), false).unwrap().pieces(&tokens).is_none());
    assert!(Destination::prepare(None, true).unwrap().pieces(&tokens).is_none());
    let single = signature(Type::String, Delivery::Single);
    assert!(Destination::prepare(None, false).unwrap().pieces(&single).is_none());
}
