//! What people type, and what the model gets.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::ffi::OsString;

use cog_schema::{Constraints, Delivery, Input, IntegerRange, Output, Signature, Type};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::Given;

fn signature() -> Signature {
    let optional = |ty| Type::Optional(Box::new(ty));
    let list = |ty| Type::List(Box::new(ty));
    let mut count = Input::new("count", optional(Type::Integer(IntegerRange::I64)));
    count.constraints = Constraints { le: Some(10.into()), ..Constraints::default() };
    let inputs = vec![
        Input::new("text", Type::String),
        count,
        Input::new("large", optional(Type::Integer(IntegerRange::U64))),
        Input::new("real", optional(Type::Number)),
        Input::new("flag", optional(Type::Boolean)),
        Input::new("tags", optional(list(Type::String))),
        Input::new("numbers", optional(list(Type::Integer(IntegerRange::I64)))),
        Input::new("image", optional(Type::Path)),
        Input::new("images", optional(list(Type::Path))),
    ];
    Signature { inputs, output: Output { ty: Type::String, delivery: Delivery::Single } }
}

fn given(inputs: &[&str]) -> Result<Map<String, Value>, String> {
    let inputs: Vec<OsString> = inputs.iter().map(OsString::from).collect();
    let given = Given::parse(&inputs, None).map_err(|error| error.to_string())?;
    given.check(&signature()).map_err(|error| error.to_string())
}

#[test]
fn values_take_the_type_the_signature_asks_for() {
    let values = given(&["text=7", "count=7", "real=7", "flag=true", "tags=7", "numbers=7"]).unwrap();
    let expected = json!({"text": "7", "count": 7, "real": 7, "flag": true, "tags": ["7"], "numbers": [7]});
    assert_eq!(Value::Object(values), expected);
}

#[test]
fn a_repeated_input_makes_a_list_and_only_of_a_list() {
    assert_eq!(given(&["text=x", "numbers=1", "numbers=2"]).unwrap()["numbers"], json!([1, 2]));
    assert_eq!(given(&["text=x", "text=y"]).unwrap_err(), "input `text` is given 2 times, and it is no list");
}

#[test]
fn an_at_sign_names_a_file_and_two_stand_for_one() {
    let file = tempfile::NamedTempFile::with_suffix(".png").unwrap();
    std::fs::write(file.path(), b"abc").unwrap();
    let path = file.path().display();
    let values = given(&["text=@@home", &format!("image=@{path}"), &format!("images=@{path}")]).unwrap();
    assert_eq!(values["text"], "@home");
    assert_eq!(values["image"], "data:image/png;base64,YWJj");
    assert_eq!(values["images"], json!(["data:image/png;base64,YWJj"]));
}

#[test]
fn a_path_without_its_at_sign_is_told_to_have_one() {
    let fault = given(&["text=x", "image=photo.png"]).unwrap_err();
    assert_eq!(
        fault,
        "invalid input `image`: `photo.png` is no URL; to send a file, write `-i image=@photo.png`"
    );
}

#[test]
fn all_faults_come_at_once() {
    insta::assert_snapshot!(given(&["count=11", "txet=x", "real=often", "flag=1"]).unwrap_err(), @r#"
    5 inputs are wrong:
    - there is no input `txet`; did you mean `text`?
    - invalid input `count`: must be at most 10, got 11
    - invalid input `flag`: expected boolean, got string "1"
    - invalid input `real`: expected number, got string "often"
    - missing required input `text`
    "#);
}

#[test]
fn files_that_cannot_be_read_and_forms_that_are_none_come_at_once() {
    let faults = given(&["text", "=x", "image=@/nonexistent/a.png"]).unwrap_err();
    insta::assert_snapshot!(faults, @r#"
    3 inputs are wrong:
    - input `text` is not of the form `name=value`
    - input `=x` is not of the form `name=value`
    - input `image`: cannot read `/nonexistent/a.png`: No such file or directory (os error 2)
    "#);
}

#[test]
fn json_is_an_object_and_goes_without_other_inputs() {
    let parse = |text: &str| Given::parse(&[], Some(text.as_ref())).map_err(|error| error.to_string());
    assert_eq!(parse(r#"{"text": "a"}"#).unwrap().check(&signature()).unwrap()["text"], "a");
    assert!(parse("[1]").unwrap_err().contains("not a JSON object"));
    assert!(parse("text: a").unwrap_err().contains("not JSON"));
    assert!(Given::parse(&["a=b".into()], Some("{}".as_ref())).is_err());
}

proptest! {
    #[test]
    fn no_words_make_it_panic(words in proptest::collection::vec("[^@]{0,12}", 0..5), name in "[a-z]{1,6}") {
        let inputs: Vec<OsString> = words.iter().map(|word| format!("{name}={word}").into()).collect();
        if let Ok(given) = Given::parse(&inputs, None) {
            let _either = given.clone().check(&signature());
            let _values = given.unchecked();
        }
    }

    #[test]
    fn numbers_of_64_bits_stay_intact(large: u64, real in proptest::num::f64::NORMAL) {
        let values = given(&["text=x", &format!("large={large}"), &format!("real={real:?}")]).unwrap();
        prop_assert_eq!(values["large"].as_u64(), Some(large));
        prop_assert_eq!(values["real"].as_f64(), Some(real));
    }
}
