#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use cog_schema::{Constraints, Delivery, Field, Input, IntegerRange, Output, Pattern, Signature, Type};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::breaks;

fn input(name: &str, ty: Type) -> Input {
    Input::new(name, ty)
}

fn with(mut input: Input, change: impl FnOnce(&mut Input)) -> Input {
    change(&mut input);
    input
}

fn signature(inputs: Vec<Input>, output: Type) -> Signature {
    Signature { inputs, output: Output { ty: output, delivery: Delivery::Single } }
}

/// The sentences about a change of the inputs.
fn said(old: Vec<Input>, new: Vec<Input>) -> Vec<String> {
    let all = breaks(&signature(old, Type::String), &signature(new, Type::String));
    all.iter().map(ToString::to_string).collect()
}

fn integer() -> Type {
    Type::Integer(IntegerRange::I64)
}

fn optional(ty: Type) -> Type {
    Type::Optional(Box::new(ty))
}

fn list(ty: Type) -> Type {
    Type::List(Box::new(ty))
}

#[test]
fn what_breaks_a_caller_is_said_in_a_sentence_each() {
    let scale = || with(input("scale", Type::Number), |scale| scale.constraints.le = Some(8.into()));
    let style = |choices: Value| {
        with(input("style", Type::String), |style| {
            style.constraints.choices = choices.as_array().cloned();
        })
    };
    let text = |change: fn(&mut Constraints)| with(input("t", Type::String), |t| change(&mut t.constraints));
    for (old, new, sentence) in [
        (vec![scale()], vec![], "input `scale` is gone"),
        (
            vec![scale()],
            vec![with(scale(), |scale| scale.name = "factor".to_owned())],
            "input `scale` is gone, and `factor` is new in its place",
        ),
        (vec![], vec![scale()], "input `scale` is new and has to be given"),
        (
            vec![with(scale(), |scale| scale.default = Some(json!(2)))],
            vec![scale()],
            "input `scale` has to be given and could be left out before",
        ),
        (
            vec![scale()],
            vec![with(scale(), |scale| scale.constraints.le = Some(4.into()))],
            "input `scale` takes at most 4 and took 8",
        ),
        (
            vec![scale()],
            vec![with(scale(), |scale| scale.constraints.ge = Some(0.into()))],
            "input `scale` takes at least 0 and took less",
        ),
        (
            vec![input("n", integer())],
            vec![input("n", Type::Integer(IntegerRange { min: Some(0), max: None }))],
            "input `n` takes at least 0 and took less",
        ),
        (
            vec![input("n", Type::Number)],
            vec![input("n", integer())],
            "input `n` takes integer and took number",
        ),
        (
            vec![input("n", Type::String)],
            vec![input("n", Type::Path)],
            "input `n` takes file and took string",
        ),
        (
            vec![input("n", Type::Path)],
            vec![input("n", Type::String)],
            "input `n` takes string and took file",
        ),
        (
            vec![style(json!(["a", "b", "c"]))],
            vec![style(json!(["b"]))],
            "input `style` does not take \"a\", \"c\" any more",
        ),
        (
            vec![input("style", Type::String)],
            vec![style(json!(["b"]))],
            "input `style` takes only \"b\" and took any string",
        ),
        (
            vec![with(input("s", optional(integer())), |s| s.default = Some(Value::Null))],
            vec![with(input("s", integer()), |s| s.default = Some(json!(1)))],
            "input `s` does not take null any more",
        ),
        (
            vec![text(|_| ())],
            vec![text(|limits| limits.max_length = Some(20))],
            "input `t` takes at most 20 characters and took any number",
        ),
        (
            vec![text(|_| ())],
            vec![text(|limits| limits.min_length = Some(1))],
            "input `t` takes at least 1 characters and took 0",
        ),
        (
            vec![text(|_| ())],
            vec![text(|limits| limits.regex = Some(Pattern::new("^a")))],
            "input `t` has to match `^a` now",
        ),
        (
            vec![input("l", list(Type::Number))],
            vec![input("l", list(Type::Boolean))],
            "input `l` takes list of boolean and took list of number",
        ),
        (
            vec![input("l", list(integer()))],
            vec![input("l", list(Type::Integer(IntegerRange::U8)))],
            "input `l` takes less than before: list of integer",
        ),
    ] {
        assert_eq!(said(old, new), [sentence]);
    }
}

#[test]
fn what_breaks_nobody_is_not_said() {
    let scale = || with(input("scale", Type::Number), |scale| scale.constraints.le = Some(8.into()));
    for (old, new) in [
        (vec![], vec![with(scale(), |scale| scale.default = Some(json!(2)))]),
        (vec![], vec![input("seed", optional(integer()))]),
        (vec![scale()], vec![with(scale(), |scale| scale.default = Some(json!(2)))]),
        (vec![scale()], vec![with(scale(), |scale| scale.constraints.le = Some(9.into()))]),
        (vec![scale()], vec![with(scale(), |scale| scale.constraints.le = None)]),
        (vec![scale()], vec![with(scale(), |scale| scale.description = Some("larger".to_owned()))]),
        (vec![input("n", integer())], vec![input("n", Type::Number)]),
        (vec![input("n", integer())], vec![input("n", Type::Union(vec![Type::String, Type::Number]))]),
        (vec![input("t", Type::String)], vec![input("t", Type::Secret)]),
        (vec![input("c", Type::Choice(vec![json!("a")]))], vec![input("c", Type::String)]),
        (vec![input("a", Type::Number), scale()], vec![scale(), input("a", Type::Number)]),
    ] {
        assert_eq!(said(old, new), Vec::<String>::new());
    }
}

#[test]
fn an_output_is_held_to_what_its_readers_are_prepared_for() {
    let object = |names: &[&str]| {
        let field = |name: &&str| Field { name: (*name).to_owned(), ty: Type::String, description: None };
        Type::Object(names.iter().map(field).collect())
    };
    let stream = |ty| Output { ty, delivery: Delivery::Iterator };
    let single = |ty| Output { ty, delivery: Delivery::Single };
    let change = |old: Output, new: Output| {
        let of = |output| Signature { inputs: Vec::new(), output };
        breaks(&of(old), &of(new)).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for (old, new) in [
        (single(Type::Number), single(integer())),
        (single(object(&["a"])), single(object(&["a", "b"]))),
        (single(optional(Type::String)), single(Type::String)),
        (stream(Type::String), single(list(Type::String))),
        (stream(Type::String), Output { ty: Type::String, delivery: Delivery::Concatenate }),
        (single(Type::String), single(Type::Choice(vec![json!("a")]))),
    ] {
        assert_eq!(change(old, new), Vec::<String>::new());
    }
    for (old, new, sentence) in [
        (single(Type::String), single(Type::Path), "the output is file and was string"),
        (single(integer()), single(Type::Number), "the output is number and was integer"),
        (single(Type::String), single(optional(Type::String)), "the output is string or null and was string"),
        (single(Type::String), stream(Type::String), "the output is stream of string and was string"),
        (
            single(object(&["a", "b"])),
            single(object(&["a"])),
            "the output is {a: string} and was {a: string, b: string}",
        ),
    ] {
        assert_eq!(change(old, new), [sentence]);
    }
}

fn types() -> impl Strategy<Value = Type> {
    let plain = prop_oneof![
        Just(Type::String),
        Just(Type::Boolean),
        Just(Type::Number),
        Just(Type::Any),
        Just(Type::Secret),
        prop::sample::select(vec![IntegerRange::I64, IntegerRange::U8, IntegerRange::I8, IntegerRange::U64])
            .prop_map(Type::Integer),
        prop::sample::subsequence(vec![json!("a"), json!("b"), json!("ab")], 1..3).prop_map(Type::Choice),
    ];
    plain.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(list),
            inner.clone().prop_map(|ty| Type::Map(Box::new(ty))),
            inner.clone().prop_map(|ty| optional(ty.required().clone())),
            prop::collection::vec(inner, 1..3).prop_map(Type::Union),
        ]
    })
}

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    let numbers = || prop::option::of(-3_i64..300);
    let lengths = || prop::option::of(0_u64..3);
    let one = (types(), numbers(), numbers(), lengths(), lengths(), any::<bool>());
    prop::collection::vec(one, 0..4).prop_map(|all| {
        let make = |(at, (ty, ge, le, min, max, has_default)): (usize, (Type, _, _, _, _, bool))| {
            let mut input = Input::new(["a", "b", "c", "d"][at], ty);
            match input.ty.required() {
                Type::Integer(_) | Type::Number => {
                    input.constraints.ge = Option::<i64>::map(ge, Into::into);
                    input.constraints.le = Option::<i64>::map(le, Into::into);
                }
                Type::String => {
                    input.constraints.min_length = min;
                    input.constraints.max_length = max;
                }
                _ => {}
            }
            if has_default {
                let default = values().into_iter().find(|value| input.admits(value).is_ok());
                input.default = default;
            }
            input
        };
        all.into_iter().enumerate().map(make).collect()
    })
}

fn values() -> Vec<Value> {
    vec![
        json!("a"),
        json!(""),
        json!("abc"),
        json!(true),
        json!(0),
        json!(-2),
        json!(200),
        json!(1.5),
        json!(u64::MAX),
        json!({}),
        json!({ "k": 1 }),
        json!([]),
        json!(["a"]),
        json!([300]),
        Value::Null,
    ]
}

fn calls() -> impl Strategy<Value = Map<String, Value>> {
    let one = (prop::sample::select(vec!["a", "b", "c", "d"]), prop::sample::select(values()));
    prop::collection::vec(one, 0..4)
        .prop_map(|all| all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_signature_breaks_with_itself(inputs in inputs(), output in types()) {
        let one = signature(inputs, output);
        prop_assert_eq!(breaks(&one, &one), []);
    }

    #[test]
    fn where_nothing_breaks_whatever_was_let_through_is_let_through(
        old in inputs(),
        new in inputs(),
        mut call in calls(),
    ) {
        let (old, new) = (signature(old, Type::String), signature(new, Type::String));
        call.retain(|name, _| old.input(name).is_some());
        if breaks(&old, &new).is_empty() && old.check_input(Value::Object(call.clone())).is_ok() {
            let checked = new.check_input(Value::Object(call.clone()));
            prop_assert!(checked.is_ok(), "{call:?}: {:?}", checked.err().unwrap());
        }
    }

    #[test]
    fn a_signature_with_one_change_is_let_through_or_told_of(
        old in inputs(),
        ty in types(),
        at in 0..4_usize,
        mut call in calls(),
    ) {
        let mut new = signature(old.clone(), Type::String);
        let old = signature(old, Type::String);
        if let Some(input) = new.inputs.get_mut(at) {
            *input = Input { default: input.default.clone(), ..Input::new(input.name.clone(), ty) };
        }
        call.retain(|name, _| old.input(name).is_some());
        if breaks(&old, &new).is_empty() && old.check_input(Value::Object(call.clone())).is_ok() {
            let checked = new.check_input(Value::Object(call.clone()));
            prop_assert!(checked.is_ok(), "{call:?}: {:?}", checked.err().unwrap());
        }
    }
}
