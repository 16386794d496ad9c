//! What holds for every signature, every value and every text.

use cog_schema::openapi::{document, read};
use cog_schema::{Constraints, Delivery, Field, Input, IntegerRange, Output, Signature, Type, coerce};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};

fn range() -> impl Strategy<Value = IntegerRange> {
    prop::sample::select(vec![
        IntegerRange::I64,
        IntegerRange::I8,
        IntegerRange::I16,
        IntegerRange::I32,
        IntegerRange::U8,
        IntegerRange::U16,
        IntegerRange::U32,
        IntegerRange::U64,
    ])
}

fn choice() -> impl Strategy<Value = Type> {
    prop_oneof![
        btree_set("[a-z0-9]{1,4}", 1..4)
            .prop_map(|texts| Type::Choice(texts.into_iter().map(Value::from).collect())),
        btree_set(any::<i64>(), 1..4)
            .prop_map(|whole| Type::Choice(whole.into_iter().map(Value::from).collect())),
    ]
}

fn leaf() -> impl Strategy<Value = Type> {
    prop_oneof![
        Just(Type::String),
        Just(Type::Boolean),
        range().prop_map(Type::Integer),
        Just(Type::Number),
        Just(Type::Path),
        Just(Type::Secret),
        Just(Type::Any),
        choice(),
    ]
}

/// The types that inputs are made of, but for the optional ones.
fn ty() -> impl Strategy<Value = Type> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|item| Type::List(Box::new(item))),
            inner.clone().prop_map(|item| match item {
                // The wire has one spelling for a map of anything.
                Type::Any => Type::Any,
                item => Type::Map(Box::new(item)),
            }),
            vec(inner, 2..4).prop_map(Type::Union),
        ]
    })
}

fn input_type() -> impl Strategy<Value = Type> {
    prop_oneof![ty(), ty().prop_map(|ty| Type::Optional(Box::new(ty)))]
}

fn output_type() -> impl Strategy<Value = Type> {
    let field = (ty(), any::<bool>(), option::of("[a-z ]{1,9}"));
    let fields = btree_map("[a-z_]{1,5}", field, 1..4).prop_map(|fields| {
        let field = |(name, (ty, optional, description))| Field {
            name,
            ty: if optional { Type::Optional(Box::new(ty)) } else { ty },
            description,
        };
        let mut fields: Vec<Field> = fields.into_iter().map(field).collect();
        fields.sort_by_key(|field| field.ty.is_optional());
        Type::Object(fields)
    });
    prop_oneof![ty(), fields]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-4_i64..300).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-4_i16..300).prop_map(|whole| Value::from(f64::from(whole))),
        ".{0,5}".prop_map(Value::from),
        "[a-z0-9]{1,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(".{0,3}", inner, 0..4).prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
}

fn constraints() -> impl Strategy<Value = Constraints> {
    let number =
        || option::of(prop_oneof![any::<i32>().prop_map(Number::from), any::<u64>().prop_map(Number::from)]);
    let length = || option::of(0..6_u64);
    let regex = option::of(prop::sample::select(vec!["^a", "[0-9]+$", "(?=x)", "["]));
    (number(), number(), length(), length(), regex).prop_map(|(ge, le, min_length, max_length, regex)| {
        Constraints { ge, le, min_length, max_length, regex: regex.map(Into::into), choices: None }
    })
}

fn input() -> impl Strategy<Value = Input> {
    ("[a-zA-Z_]{1,8}", input_type(), option::of(".{0,9}"), option::of(json()), constraints(), any::<bool>())
        .prop_map(|(name, ty, description, default, constraints, deprecated)| Input {
            description,
            default,
            constraints,
            deprecated,
            ..Input::new(name, ty)
        })
}

/// A signature that a Rust predictor may have: no fault in it.
fn signature() -> impl Strategy<Value = Signature> {
    let delivery = prop::sample::select(vec![Delivery::Single, Delivery::Iterator]);
    (vec(input(), 0..5), output_type(), delivery).prop_map(|(mut inputs, ty, delivery)| {
        for input in &mut inputs {
            if !input.faults().is_empty() {
                input.constraints = Constraints::default();
            }
            if !input.faults().is_empty() {
                input.default = None;
            }
        }
        let mut names = std::collections::BTreeSet::new();
        inputs.retain(|input| names.insert(input.name.clone()));
        Signature { inputs, output: Output { ty, delivery } }
    })
}

/// The text that a person would type for the value.
fn typed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_document_reads_back_as_the_same_document(signature in signature()) {
        let written = document(&signature, "0");
        let read = read(&written)?;
        prop_assert_eq!(&document(&read, "0"), &written);
    }

    #[test]
    fn a_signature_read_back_allows_the_same_values(signature in signature(), value in json()) {
        let read = read(&document(&signature, "0"))?;
        prop_assert_eq!(&read.output, &signature.output);
        for (before, after) in signature.inputs.iter().zip(&read.inputs) {
            prop_assert_eq!(&before.name, &after.name);
            prop_assert_eq!(before.is_required(), after.is_required());
            prop_assert_eq!(before.admits(&value), after.admits(&value), "{:?} {:?}", before, after);
        }
    }

    #[test]
    fn no_input_and_no_value_make_the_rule_panic(input in input(), value in json()) {
        for violation in input.admits(&value).err().unwrap_or_default() {
            prop_assert!(!violation.to_string().is_empty());
            prop_assert!(!violation.breach.msg().is_empty());
        }
        for fault in input.faults() {
            prop_assert!(!fault.to_string().is_empty());
        }
    }

    #[test]
    fn any_json_can_be_read_as_a_document(inside in json(), name in "type|properties|anyOf|allOf|enum|\\$ref") {
        let odd = json!({"components": {"schemas": {
            "Input": {"properties": {"x": {(name.clone()): inside.clone()}, "y": inside.clone()}},
            "Output": {(name): inside},
        }}});
        let signature = read(&odd)?;
        document(&signature, "0");
    }

    #[test]
    fn what_was_checked_is_complete_and_allowed_again(signature in signature(), given in btree_map("[a-zA-Z_]{1,8}", json(), 0..5)) {
        let mut given = Map::from_iter(given);
        for (input, value) in signature.inputs.iter().zip(given.clone().into_values()) {
            given.insert(input.name.clone(), value);
        }
        if let Ok(checked) = signature.check_input(Value::Object(given)) {
            prop_assert_eq!(checked.input.len(), signature.inputs.len());
            let again = signature.check_input(Value::Object(checked.input.clone()));
            prop_assert_eq!(again.map(|again| again.input), Ok(checked.input));
        }
    }

    #[test]
    fn coercing_twice_changes_nothing_more(ty in input_type(), text in "\\PC{0,8}|-?[0-9]{1,22}(\\.[0-9]{1,3})?|true|null|\\[[0-9\"a,]{0,5}\\]|\"[0-9a]{0,3}\"") {
        let once = coerce(&ty, &text);
        prop_assert_eq!(coerce(&ty, &typed(&once)), once);
    }

    #[test]
    fn numbers_of_sixty_four_bits_survive_coercion_and_the_wire(whole in any::<i64>(), large in any::<u64>(), float in any::<f64>()) {
        prop_assert_eq!(coerce(&Type::Integer(IntegerRange::I64), &whole.to_string()), json!(whole));
        prop_assert_eq!(coerce(&Type::Integer(IntegerRange::U64), &large.to_string()), json!(large));
        prop_assume!(float.is_finite());
        let coerced = coerce(&Type::Number, &format!("{float:?}"));
        prop_assert_eq!(coerced.as_f64(), Some(float));
        let sent: Value = serde_json::from_str(&coerced.to_string())?;
        prop_assert_eq!(sent.as_f64(), Some(float));
    }

    #[test]
    fn text_typed_for_an_allowed_scalar_is_read_as_that_scalar(ty in leaf(), value in json()) {
        if ty.admits(&value) {
            let read = coerce(&ty, &typed(&value));
            prop_assert!(ty.admits(&read), "{} as {:?}", read, ty);
        }
    }
}
