//! What a predictor gets of what a caller gave.

mod twins;

use cog_schema::{Checked, Constraints, Input, IntegerRange, Output, Signature, Type};
use serde_json::{Value, json};

fn checked(model: &str, input: Value) -> Checked {
    twins::signature(model).check_input(input).expect("an input that is allowed")
}

fn of_one(input: Input) -> Signature {
    Signature {
        inputs: vec![input],
        output: Output { ty: Type::String, delivery: cog_schema::Delivery::Single },
    }
}

#[test]
fn defaults_and_nulls_are_filled_in() {
    let checked = checked("inputs", json!({"prompt": "p"}));
    assert_eq!(checked.input.len(), 15);
    assert_eq!(checked.input["count"], 3);
    assert_eq!(checked.input["tags"], json!(["a", "b"]));
    assert_eq!(checked.input["opt"], Value::Null);
    assert_eq!(checked.input["image"], Value::Null);
}

#[test]
fn what_is_shown_again_has_no_defaults_but_the_nulls_of_optional_inputs() {
    assert_eq!(json!(checked("iter", json!({"n": 5, "delay": 0.4})).shown), json!({"n": 5, "delay": 0.4}));
    assert_eq!(json!(checked("bareopt", json!({"b": 1})).shown), json!({"a": null, "b": 1}));
}

#[test]
fn what_is_shown_again_hides_secrets() {
    let shown = checked("secret", json!({"token": "hunter2"})).shown;
    assert_eq!(json!(shown), json!({"token": "**********"}));
    let lists = of_one(Input::new("tokens", Type::List(Box::new(Type::Secret))));
    let shown = lists.check_input(json!({"tokens": ["a", "b"]})).expect("two secrets").shown;
    assert_eq!(json!(shown), json!({"tokens": ["**********", "**********"]}));
}

#[test]
fn unknown_keys_are_dropped_and_named() {
    let checked = checked("echo", json!({"text": "x", "colour": "red", "size": 3}));
    assert_eq!(checked.unknown, ["colour", "size"]);
    assert_eq!(json!(checked.input), json!({"text": "x"}));
}

#[test]
fn null_is_an_empty_input() {
    assert_eq!(checked("iter", Value::Null), checked("iter", json!({})));
}

#[test]
fn null_is_a_value_of_what_is_optional() {
    let given = json!({"prompt": "p", "opt": null, "image": null, "token": null, "bare_opt": null});
    assert_eq!(checked("inputs", given).input["opt"], Value::Null);
}

#[test]
fn a_whole_float_is_an_integer_where_the_type_says_so() {
    let input = checked("inputs", json!({"prompt": "p", "count": 3.0, "scale": 2.0, "level": 2.0})).input;
    assert_eq!(input["count"].to_string(), "3");
    assert_eq!(input["level"].to_string(), "2");
    assert_eq!(input["scale"].to_string(), "2.0");
    let items = checked("union", json!({"value": 1.0, "maybe": 4.0, "items": [1.0, 2]})).input;
    assert_eq!(items["items"].to_string(), "[1,2]");
    assert_eq!(items["value"].to_string(), "1.0");
    assert_eq!(items["maybe"].to_string(), "4");
}

#[test]
fn integers_keep_to_the_range_of_their_type() {
    let allowed = |range, value: Value| Type::Integer(range).admits(&value);
    assert!(allowed(IntegerRange::U64, json!(u64::MAX)));
    assert!(allowed(IntegerRange::I64, json!(i64::MIN)));
    assert!(!allowed(IntegerRange::I64, json!(u64::MAX)));
    assert!(!allowed(IntegerRange::I64, json!(1e30)));
    assert!(!allowed(IntegerRange::I64, json!(-1e30)));
    assert!(!allowed(IntegerRange::U8, json!(256)));
    assert!(!allowed(IntegerRange::U32, json!(-1)));
    assert!(allowed(IntegerRange::I8, json!(-128)));
}

#[test]
fn sixty_four_bits_are_compared_whole() {
    let mut input = Input::new("n", Type::Integer(IntegerRange::U64));
    input.constraints = Constraints { le: Some((u64::MAX - 1).into()), ..Constraints::default() };
    assert!(input.admits(&json!(u64::MAX - 1)).is_ok());
    assert!(input.admits(&json!(u64::MAX)).is_err());
}

#[test]
fn characters_are_counted_not_bytes() {
    assert!(twins::signature("regex").check_input(json!({"a": "b", "n": "𝄞é"})).is_ok());
}

#[test]
fn an_expression_matches_anywhere() {
    assert!(twins::signature("regex").check_input(json!({"a": "abc"})).is_ok());
}

#[test]
fn an_expression_of_another_dialect_is_left_to_the_server() {
    let mut input = Input::new("a", Type::String);
    input.constraints.regex = Some("(?=x)y".into());
    assert_eq!(input.admits(&json!("anything")), Ok(()));
}

#[test]
fn maps_are_checked_value_by_value() {
    let input = Input::new("m", Type::Map(Box::new(Type::Integer(IntegerRange::I64))));
    let violations = input.admits(&json!({"b": "x", "a": 1, "c": true})).expect_err("two of three are wrong");
    let fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["m/b", "m/c"]);
    let anything = Input::new("m", Type::Map(Box::new(Type::Any)));
    assert_eq!(anything.admits(&json!({"a": 1, "b": [null]})), Ok(()));
}
