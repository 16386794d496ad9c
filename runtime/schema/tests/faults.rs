//! Mistakes in a signature, each found and named.

use cog_schema::{Constraints, Fault, Input, IntegerRange, Signature, Type};
use serde_json::{Value, json};

fn faults(ty: Type, default: Value, constraints: Constraints) -> Vec<String> {
    let default = if default == json!("none") { None } else { Some(default) };
    let input = Input { default, constraints, ..Input::new("x", ty) };
    input.faults().iter().map(Fault::to_string).collect()
}

fn limits(change: impl FnOnce(&mut Constraints)) -> Constraints {
    let mut constraints = Constraints::default();
    change(&mut constraints);
    constraints
}

fn i64() -> Type {
    Type::Integer(IntegerRange::I64)
}

#[test]
fn a_sound_declaration_has_no_faults() {
    let sound = [
        (i64(), json!(3), limits(|c| (c.ge, c.le) = (Some(1.into()), Some(10.into())))),
        (Type::Number, json!(1), limits(|c| c.ge = Some(0.into()))),
        (Type::String, json!("b"), limits(|c| c.choices = Some(vec![json!("a"), json!("b")]))),
        (Type::Optional(Box::new(i64())), json!(null), limits(|c| c.ge = Some(1.into()))),
        (Type::Optional(Box::new(Type::Secret)), json!(null), Constraints::default()),
        (Type::List(Box::new(Type::String)), json!([]), Constraints::default()),
    ];
    for (ty, default, constraints) in sound {
        assert_eq!(faults(ty, default, constraints), [""; 0]);
    }
}

#[test]
fn every_fault_has_its_words() {
    let none = || json!("none");
    let unsound = [
        (Type::String, none(), limits(|c| c.ge = Some(1.into()))),
        (i64(), none(), limits(|c| c.min_length = Some(1))),
        (Type::Path, none(), limits(|c| c.regex = Some("x".into()))),
        (Type::Number, none(), limits(|c| c.choices = Some(vec![json!(1.5)]))),
        (Type::List(Box::new(Type::String)), none(), limits(|c| c.choices = Some(vec![json!("a")]))),
        (Type::Union(vec![Type::String, i64()]), none(), limits(|c| c.le = Some(1.into()))),
        (i64(), none(), limits(|c| (c.ge, c.le) = (Some(10.into()), Some(1.into())))),
        (Type::Integer(IntegerRange::U8), none(), limits(|c| c.ge = Some(300.into()))),
        (Type::String, none(), limits(|c| (c.min_length, c.max_length) = (Some(5), Some(2)))),
        (Type::String, none(), limits(|c| c.regex = Some("[a-".into()))),
        (Type::String, none(), limits(|c| c.choices = Some(vec![]))),
        (Type::String, none(), limits(|c| c.choices = Some(vec![json!("a"), json!("b"), json!("a")]))),
        (i64(), none(), limits(|c| c.choices = Some(vec![json!(1), json!("2")]))),
        (i64(), json!(null), Constraints::default()),
        (Type::Secret, json!(null), Constraints::default()),
        (i64(), json!("3"), Constraints::default()),
        (Type::Integer(IntegerRange::U8), json!(256), Constraints::default()),
        (i64(), json!(11), limits(|c| c.le = Some(10.into()))),
        (Type::String, json!("c"), limits(|c| c.choices = Some(vec![json!("a"), json!("b")]))),
        (Type::Choice(vec![json!("a")]), json!("c"), Constraints::default()),
        (Type::List(Box::new(i64())), json!([1, "2"]), Constraints::default()),
    ];
    let lines: Vec<String> = unsound
        .into_iter()
        .map(|(ty, default, constraints)| faults(ty, default, constraints).join("; "))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn accept_is_for_files() {
    let accept = |ty| Input { accept: Some("image/*".to_owned()), ..Input::new("x", ty) }.faults();
    assert_eq!(accept(Type::List(Box::new(Type::Path))), []);
    assert_eq!(
        accept(Type::String),
        [Fault::Inapplicable { constraint: "accept", ty: "text", meant_for: "files" }]
    );
}

#[test]
fn a_name_is_there_once() {
    let inputs = vec![Input::new("x", Type::String), Input::new("x", Type::Boolean)];
    let output = cog_schema::Output { ty: Type::String, delivery: cog_schema::Delivery::Single };
    assert_eq!(Signature { inputs, output }.faults(), [("x", Fault::RepeatedName)]);
}
