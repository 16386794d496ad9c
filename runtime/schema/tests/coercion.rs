//! From the text of `-i name=value` to JSON.

use cog_schema::{Input, IntegerRange, Type, coerce};
use serde_json::json;

fn i64() -> Type {
    Type::Integer(IntegerRange::I64)
}

fn list(item: Type) -> Type {
    Type::List(Box::new(item))
}

#[test]
fn text_becomes_what_the_type_asks_for() {
    let optional = Type::Optional(Box::new(i64()));
    let sizes = Type::Choice(vec![json!(256), json!(512)]);
    let names = Type::Choice(vec![json!("1"), json!("true"), json!("x")]);
    let cases = [
        (Type::String, "3", json!("3")),
        (Type::String, "true", json!("true")),
        (Type::Boolean, "true", json!(true)),
        (Type::Boolean, "True", json!("True")),
        (i64(), "9007199254740993", json!(9_007_199_254_740_993_i64)),
        (i64(), "-9223372036854775808", json!(i64::MIN)),
        (Type::Integer(IntegerRange::U64), "18446744073709551615", json!(u64::MAX)),
        (i64(), "1.5", json!(1.5)),
        (i64(), "three", json!("three")),
        (Type::Number, "0.123456789012345", json!(0.123456789012345)),
        (Type::Number, "1", json!(1)),
        (Type::Number, "NaN", json!("NaN")),
        (Type::Number, "1e999", json!("1e999")),
        (optional, "7", json!(7)),
        (sizes.clone(), "512", json!(512)),
        (sizes, "300", json!(300)),
        (names.clone(), "1", json!("1")),
        (names, "true", json!("true")),
        (Type::Any, r#"{"a": [1]}"#, json!({"a": [1]})),
        (Type::Any, "not json", json!("not json")),
        (Type::Map(Box::new(i64())), r#"{"a": 1}"#, json!({"a": 1})),
        (list(Type::String), r#"["a", "b"]"#, json!(["a", "b"])),
        (list(Type::String), "a", json!(["a"])),
        (list(Type::String), "[unclosed", json!(["[unclosed"])),
        (list(i64()), "5", json!([5])),
        (list(Type::Path), "https://example.com/a.png", json!(["https://example.com/a.png"])),
        (list(Type::Any), r#"{"role": "user"}"#, json!([{"role": "user"}])),
    ];
    for (ty, text, expected) in cases {
        assert_eq!(coerce(&ty, text), expected, "{text:?} as {ty:?}");
    }
}

#[test]
fn in_a_union_text_is_what_is_left() {
    let cases = [
        (vec![Type::String, Type::Number], "1", json!(1)),
        (vec![Type::String, Type::Number], "1.5", json!(1.5)),
        (vec![Type::String, Type::Number], "hello", json!("hello")),
        (vec![Type::String, i64()], "1.5", json!("1.5")),
        (vec![Type::String, i64()], "true", json!("true")),
        (vec![Type::String, Type::Integer(IntegerRange::U8)], "300", json!("300")),
        (vec![Type::Boolean, Type::Number], "true", json!(true)),
        (vec![Type::String, list(Type::String)], "a", json!("a")),
        (vec![Type::String, list(Type::String)], r#"["a"]"#, json!(["a"])),
        (vec![i64(), list(Type::String)], "a", json!(["a"])),
        (vec![i64(), Type::Boolean], "a", json!("a")),
    ];
    for (variants, text, expected) in cases {
        assert_eq!(coerce(&Type::Union(variants.clone()), text), expected, "{text:?} as {variants:?}");
    }
}

#[test]
fn the_choices_of_an_integer_are_integers() {
    let mut input = Input::new("level", i64());
    input.constraints.choices = Some(vec![json!(1), json!(2)]);
    assert_eq!(input.coerce("2"), json!(2));
    assert_eq!(input.coerce("9"), json!(9));
}

#[test]
fn repeated_texts_become_a_list_of_items() {
    assert_eq!(Input::new("n", list(i64())).coerce_all(&["1", "2"]), json!([1, 2]));
    assert_eq!(Input::new("n", list(Type::String)).coerce_all(&["1", "2"]), json!(["1", "2"]));
    let either = Type::Optional(Box::new(Type::Union(vec![Type::String, list(i64())])));
    assert_eq!(Input::new("n", either).coerce_all(&["1", "2"]), json!([1, 2]));
    assert_eq!(Input::new("n", i64()).coerce_all(&["1", "2"]), json!([1, 2]));
}
