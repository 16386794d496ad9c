//! What a caller is told about an input that is not allowed, to the letter.

mod twins;

use cog_schema::envelope::{Detail, ValidationBody};
use cog_schema::{Input, IntegerRange, Type};
use serde_json::{Value, json};

fn refusal(model: &str, input: Value) -> Vec<Detail> {
    twins::signature(model).check_input(input).expect_err("an input that is not allowed")
}

/// Every recorded refusal: the model, the input, and field, message and kind of each entry.
#[test]
fn refusals_are_worded_as_recorded() {
    let error = "value_error";
    let p = |field: &str, value: Value| json!({"prompt": "p", field: value});
    let cases = [
        ("inputs", p("flag", json!(1)), vec![("flag", r#"1 is not of type "boolean""#, error)]),
        ("inputs", p("flag", json!("true")), vec![("flag", r#""true" is not of type "boolean""#, error)]),
        ("inputs", p("level", json!(4)), vec![("level", "4 is not one of [1,2,3]", error)]),
        (
            "inputs",
            p("level", json!("2")),
            vec![
                ("level", r#""2" is not one of [1,2,3]"#, error),
                ("level", r#""2" is not of type "integer""#, error),
            ],
        ),
        (
            "inputs",
            p("style", json!("slow")),
            vec![("style", r#""slow" is not one of ["fast","balanced","quality"]"#, error)],
        ),
        ("inputs", p("params", json!([1])), vec![("params", r#"[1] is not of type "object""#, error)]),
        ("inputs", p("count", json!(0)), vec![("count", "0 is less than the minimum of 1", error)]),
        ("inputs", p("count", json!(11)), vec![("count", "11 is greater than the maximum of 10", error)]),
        ("inputs", p("count", json!(true)), vec![("count", r#"true is not of type "integer""#, error)]),
        ("inputs", p("count", json!("3")), vec![("count", r#""3" is not of type "integer""#, error)]),
        (
            "inputs",
            p("count", json!(0.5)),
            vec![
                ("count", "0.5 is less than the minimum of 1", error),
                ("count", r#"0.5 is not of type "integer""#, error),
            ],
        ),
        (
            "inputs",
            p("scale", json!(2.51)),
            vec![("scale", "2.51 is greater than the maximum of 2.5", error)],
        ),
        ("inputs", p("scale", json!(-1)), vec![("scale", "-1 is less than the minimum of 0", error)]),
        ("inputs", p("tags", json!("a")), vec![("tags", r#""a" is not of type "array""#, error)]),
        (
            "inputs",
            p("tags", json!(["a", 2, 3])),
            vec![
                ("tags/1", r#"2 is not of type "string""#, error),
                ("tags/2", r#"3 is not of type "string""#, error),
            ],
        ),
        ("inputs", p("name", json!("a")), vec![("name", r#""a" is shorter than 2 characters"#, error)]),
        (
            "inputs",
            p("name", json!("abcdef")),
            vec![("name", r#""abcdef" is longer than 5 characters"#, error)],
        ),
        ("inputs", p("code", json!("A1")), vec![("code", r#""A1" does not match "^[a-z]+[0-9]$""#, error)]),
        ("inputs", json!({"prompt": null}), vec![("prompt", r#"null is not of type "string""#, error)]),
        ("echo", json!({"text": 5}), vec![("text", r#"5 is not of type "string""#, error)]),
        ("echo", json!({}), vec![("text", "Field required", "value_error.missing")]),
        ("echo", json!([1]), vec![("__root__", r#"[1] is not of type "object""#, error)]),
        ("echo", json!("text"), vec![("__root__", r#""text" is not of type "object""#, error)]),
        ("union", json!({}), vec![("value", "Field required", "value_error.missing")]),
        (
            "union",
            json!({"value": true}),
            vec![(
                "value",
                "true is not valid under any of the schemas listed in the 'anyOf' keyword",
                error,
            )],
        ),
        ("bareopt", json!({"a": "x"}), vec![("b", "Field required", "value_error.missing")]),
    ];
    for (model, input, expected) in cases {
        let actual = refusal(model, input.clone());
        let actual: Vec<(&str, &str, &str)> =
            actual.iter().map(|detail| (detail.field(), detail.msg.as_str(), detail.kind.as_str())).collect();
        assert_eq!(actual, expected, "{input}");
    }
}

#[test]
fn everything_is_reported_at_once_values_by_name_then_what_is_missing() {
    let detail = refusal(
        "inputs",
        json!({"scale": "wide", "count": 99, "name": "", "tags": [1, "b", null], "flag": 0, "unknown": 1}),
    );
    insta::assert_json_snapshot!(ValidationBody { detail });
}

#[test]
fn a_person_is_told_the_same_in_plain_words() {
    let signature = twins::signature("inputs");
    let given = json!({
        "count": 0, "scale": 2.51, "style": "slow", "level": "2", "flag": "yes", "name": "a", "code": "A1",
        "image": 7, "tags": ["a", 2], "opt": "x".repeat(200), "bare_opt": "x", "params": null, "old": ["x"],
    });
    let lines: Vec<String> = given
        .as_object()
        .map(|given| signature.violations(given))
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn long_values_are_cut_for_people_and_whole_on_the_wire() {
    let input = Input::new("n", Type::Integer(IntegerRange::I64));
    let violations = input.admits(&json!("é".repeat(10_000))).expect_err("text is no integer");
    assert!(violations[0].to_string().chars().count() < 150);
    assert!(violations[0].breach.msg().chars().count() > 10_000);
}

#[test]
fn a_secret_is_never_shown() {
    let secret = "hunter2-hunter2";
    let mut limited = Input::new("token", Type::Secret);
    limited.constraints.max_length = Some(3);
    limited.constraints.regex = Some("^x".into());
    limited.constraints.choices = Some(vec![json!("abc")]);
    let list = Input::new("tokens", Type::List(Box::new(Type::Secret)));
    let either = Input::new("either", Type::Union(vec![Type::Secret, Type::Boolean]));
    let cases = [
        (&limited, json!(secret)),
        (&limited, json!([secret])),
        (&list, json!(secret)),
        (&list, json!(["fine", {"key": secret}])),
        (&either, json!([secret])),
    ];
    for (input, value) in cases {
        for violation in input.admits(&value).expect_err("a secret that is not allowed") {
            for text in [violation.to_string(), violation.breach.msg(), format!("{violation:?}")] {
                assert!(!text.contains("hunter2"), "{text}");
            }
            assert!(violation.breach.msg().starts_with("********** "), "{}", violation.breach.msg());
        }
    }
    let whole = refusal("secret", json!([secret]));
    assert_eq!(whole[0].msg, r#"********** is not of type "object""#);
}

#[test]
fn a_great_many_mistakes_are_not_all_told() {
    let wrong: Vec<i32> = (0..10_000).collect();
    let refusal = refusal("inputs", json!({ "prompt": "p", "tags": wrong }));
    assert_eq!(refusal.len(), 100);
    assert_eq!(refusal[99].field(), "tags/99");
}

#[test]
fn a_great_mistake_is_not_told_in_full() {
    for value in [json!("é".repeat(1 << 20)), json!(vec![1; 1 << 20])] {
        let refusal = refusal("inputs", json!({ "prompt": "p", "count": value }));
        let msg = &refusal[0].msg;
        assert!(msg.ends_with(r#"… is not of type "integer""#), "{} bytes", msg.len());
        assert!(msg.len() < 70_000, "{} bytes", msg.len());
    }
}
