//! The OpenAPI document: equal to the recorded ones, and readable back.

mod twins;

use std::error::Error;
use std::fs;
use std::path::Path;

use cog_schema::openapi::{ReadFault, document, read};
use cog_schema::{Constraints, Delivery, Input, IntegerRange, Output, Signature, Type};
use serde_json::{Number, Value, json};

type Outcome = Result<(), Box<dyn Error>>;

const TWINS: [&str; 16] = [
    "anyout",
    "bareopt",
    "crash",
    "echo",
    "failing",
    "filein",
    "inputs",
    "iter",
    "model_out",
    "pathlist",
    "pathout",
    "regex",
    "secret",
    "slow",
    "stream",
    "union",
];

fn recorded(model: &str) -> Result<Value, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{model}.json"));
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

fn of_one(input: Input) -> Signature {
    Signature { inputs: vec![input], output: Output { ty: Type::String, delivery: Delivery::Single } }
}

fn property(input: Input) -> Value {
    let name = input.name.clone();
    document(&of_one(input), "0")["components"]["schemas"]["Input"]["properties"][name].clone()
}

#[test]
fn a_twins_document_equals_the_recorded_one() -> Outcome {
    for model in TWINS {
        let expected = recorded(model)?;
        let version = expected["info"]["version"].as_str().unwrap_or_default();
        similar(model, &document(&twins::signature(model), version), &expected);
    }
    Ok(())
}

#[test]
fn a_recorded_document_survives_reading_and_writing() -> Outcome {
    for model in TWINS.into_iter().chain(["asyncstream", "legacy"]) {
        let expected = recorded(model)?;
        let version = expected["info"]["version"].as_str().unwrap_or_default();
        similar(model, &document(&read(&expected)?, version), &expected);
    }
    Ok(())
}

#[test]
fn every_declaration_the_reference_knows_survives_reading_and_writing() -> Outcome {
    let probes = recorded("probes")?;
    let echo = recorded("echo")?;
    for (name, probe) in probes.as_object().into_iter().flatten() {
        let mut expected = echo["components"]["schemas"].clone();
        let extra = probe.get("extra_components").and_then(Value::as_object).into_iter().flatten();
        for (component, schema) in
            probe.as_object().into_iter().flatten().filter(|(key, _)| *key != "extra_components").chain(extra)
        {
            expected[component] = schema.clone();
        }
        let odd = [
            // A choices parameter took the place of the output's component.
            "in_choices_name_collision",
            // Fields that may be absent but not null; a Rust structure has none.
            "out_typeddict",
            "out_basemodel",
            "out_it_basemodel",
            "out_list_basemodel",
        ];
        if !odd.contains(&name.as_str()) {
            let written = document(&read(&json!({"components": {"schemas": expected}}))?, "0");
            similar(name, &written["components"]["schemas"], &expected);
        }
    }
    Ok(())
}

#[track_caller]
fn similar(model: &str, actual: &Value, expected: &Value) {
    assert_eq!(
        serde_json::to_string_pretty(actual).ok(),
        serde_json::to_string_pretty(expected).ok(),
        "the document of `{model}`"
    );
}

#[test]
fn the_order_of_inputs_is_read_from_x_order_not_from_the_text() -> Outcome {
    let signature = read(&recorded("inputs")?)?;
    let names: Vec<&str> = signature.inputs.iter().map(|input| input.name.as_str()).collect();
    let written: Vec<String> =
        twins::signature("inputs").inputs.into_iter().map(|input| input.name).collect();
    assert_eq!(names, written);
    Ok(())
}

#[test]
fn a_document_with_training_reads_as_its_predictor() -> Outcome {
    let signature = read(&recorded("train")?)?;
    assert_eq!(signature.inputs, [Input::new("s", Type::String)]);
    Ok(())
}

#[test]
fn sized_integers_state_their_bounds_and_the_narrower_constraint_wins() {
    let plain = property(Input::new("n", Type::Integer(IntegerRange::U8)));
    assert_eq!((&plain["minimum"], &plain["maximum"]), (&json!(0), &json!(255)));

    let largest = property(Input::new("n", Type::Integer(IntegerRange::U64)));
    assert_eq!(largest["maximum"], json!(u64::MAX));

    let mut constrained = Input::new("n", Type::Integer(IntegerRange::U8));
    constrained.constraints =
        Constraints { ge: Some(1.into()), le: Some(1000.into()), ..Constraints::default() };
    let constrained = property(constrained);
    assert_eq!((&constrained["minimum"], &constrained["maximum"]), (&json!(1), &json!(255)));
}

#[test]
fn titles_split_at_underscores_and_raise_first_letters() {
    let title = |name: &str| property(Input::new(name, Type::String))["title"].clone();
    assert_eq!(title("num_inference_steps"), "Num Inference Steps");
    assert_eq!(title("aB"), "AB");
    assert_eq!(title("x__y"), "X  Y");
    assert_eq!(title("_z"), " Z");
}

#[test]
fn an_optional_union_stays_required_until_it_has_a_default() {
    let ty = Type::Optional(Box::new(Type::Union(vec![Type::String, Type::Boolean])));
    let mut input = Input::new("maybe", ty);
    let required =
        |input: &Input| document(&of_one(input.clone()), "0")["components"]["schemas"]["Input"].clone();
    assert_eq!(required(&input)["required"], json!(["maybe"]));
    input.default = Some(Value::Null);
    assert_eq!(required(&input)["required"], Value::Null);
}

#[test]
fn a_secret_with_a_null_default_is_nullable_and_not_required() {
    let mut input = Input::new("token", Type::Secret);
    input.default = Some(Value::Null);
    let document = document(&of_one(input), "0");
    let component = &document["components"]["schemas"]["Input"];
    assert_eq!(component["properties"]["token"]["nullable"], true);
    assert_eq!(component["properties"]["token"].get("default"), Some(&Value::Null));
    assert_eq!(component["required"], Value::Null);
}

#[test]
fn choices_named_like_a_component_of_the_envelope_leave_it_alone() -> Outcome {
    for name in ["Output", "Status", "Input", "PredictionRequest"] {
        let mut input = Input::new(name, Type::String);
        input.constraints.choices = Some(vec![json!("x"), json!("y")]);
        let with = document(&of_one(input), "0");
        let without = document(&of_one(Input::new("other", Type::String)), "0");
        if name != "Input" {
            assert_eq!(with["components"]["schemas"][name], without["components"]["schemas"][name]);
        }
        let read = read(&with)?;
        assert_eq!(read.inputs[0].choices(), Some(&[json!("x"), json!("y")][..]));
    }
    Ok(())
}

#[test]
fn maps_state_what_they_hold() -> Outcome {
    let map = |item| Type::Map(Box::new(item));
    assert_eq!(
        property(Input::new("m", map(Type::Any))),
        json!({"title": "M", "type": "object", "x-order": 0})
    );
    let typed = Input::new("m", map(Type::Number));
    assert_eq!(property(typed.clone())["additionalProperties"], json!({"type": "number"}));
    assert_eq!(read(&document(&of_one(typed.clone()), "0"))?.inputs, [typed]);
    Ok(())
}

#[test]
fn what_is_not_understood_allows_everything() -> Outcome {
    let odd = json!({"components": {"schemas": {"Input": {"type": "object", "properties": {
        "nothing": {"x-order": 0},
        "not": {"not": {"type": "string"}, "x-order": 1},
        "lost": {"$ref": "#/components/schemas/lost", "x-order": 2},
        "elsewhere": {"$ref": "other.json#/x", "x-order": 3},
        "strange": {"type": "tuple", "x-order": 4},
        "half": {"anyOf": [{"type": "string"}, {"not": {}}], "x-order": 5},
        "wrong": 7,
    }, "required": ["nothing"]}}}});
    let signature = read(&odd)?;
    assert_eq!(signature.output.ty, Type::Unknown);
    for input in &signature.inputs {
        for value in [json!(null), json!(1), json!("x"), json!([{}])] {
            assert_eq!(input.admits(&value), Ok(()), "{}", input.name);
        }
    }
    Ok(())
}

#[test]
fn a_document_that_refers_to_itself_comes_to_an_end() -> Outcome {
    let circular = json!({"components": {"schemas": {
        "Input": {"properties": {"tree": {"$ref": "#/components/schemas/tree"}}},
        "tree": {"type": "array", "items": {"$ref": "#/components/schemas/tree"}},
        "Output": {"$ref": "#/components/schemas/Output"},
    }}});
    assert_eq!(read(&circular)?.inputs.len(), 1);
    let branches = vec![json!({"$ref": "#/components/schemas/bush"}); 9];
    let branching = json!({"components": {"schemas": {
        "Input": {"properties": {"bush": {"$ref": "#/components/schemas/bush"}}},
        "bush": {"anyOf": branches},
    }}});
    assert_eq!(read(&branching)?.inputs[0].ty.required(), &Type::Unknown);
    Ok(())
}

#[test]
fn nullable_is_understood_however_it_is_said() -> Outcome {
    let document = json!({"components": {"schemas": {"Input": {"properties": {
        "a": {"type": "string", "nullable": true, "x-order": 0},
        "b": {"anyOf": [{"type": "string"}, {"type": "null"}], "x-order": 1},
        "c": {"type": ["string", "null"], "x-order": 2},
        "d": {"type": "string", "x-order": 3},
        "e": {"type": "string", "default": null, "x-order": 4},
    }}}}});
    for input in read(&document)?.inputs {
        assert_eq!(input.ty, Type::Optional(Box::new(Type::String)), "{}", input.name);
        assert!(!input.is_required());
    }
    Ok(())
}

#[test]
fn an_optional_union_says_null_once() -> Outcome {
    let either = json!([{"type": "string", "nullable": true}, {"type": "integer", "nullable": true}]);
    let properties = json!({
        "a": {"anyOf": either, "nullable": true, "x-order": 0},
        "b": {"anyOf": either, "default": null, "x-order": 1},
    });
    let document = json!({"components": {"schemas": {"Input": {"properties": properties}}}});
    let union = Type::Union(vec![Type::String, Type::Integer(IntegerRange::I64)]);
    for input in read(&document)?.inputs {
        assert_eq!(input.ty, Type::Optional(Box::new(union.clone())), "{}", input.name);
    }
    Ok(())
}

#[test]
fn choices_are_whole_numbers_however_they_are_written() -> Outcome {
    let document = json!({"components": {"schemas": {"Input": {"properties": {"n": {"enum": [1.0, 2]}}}}}});
    let input = &read(&document)?.inputs[0];
    assert_eq!(input.ty.json_type(), Some("integer"));
    Ok(())
}

#[test]
fn an_integers_bounds_are_its_types_or_its_constraints() -> Outcome {
    let mut ranged = Input::new("n", Type::Integer(IntegerRange::I64));
    ranged.constraints.ge = Some(Number::from(1));
    let mut large = Input::new("n", Type::Integer(IntegerRange::U64));
    large.constraints.ge = Some(Number::from(1));
    assert_eq!(read(&document(&of_one(large), "0"))?.inputs[0].admits(&json!(u64::MAX)), Ok(()));
    let sized = Input::new("n", Type::Integer(IntegerRange::I32));
    let bytes = Input::new("n", Type::List(Box::new(Type::Integer(IntegerRange::U8))));
    for input in [ranged, sized, bytes] {
        assert_eq!(read(&document(&of_one(input.clone()), "0"))?.inputs, [input]);
    }
    Ok(())
}

#[test]
fn a_document_without_inputs_component_is_refused() {
    assert_eq!(read(&json!({})), Err(ReadFault::NoInput));
    assert_eq!(read(&json!({"components": {"schemas": {}}})), Err(ReadFault::NoInput));
    let not_an_object = json!({"components": {"schemas": {"Input": {"type": "string"}}}});
    assert_eq!(read(&not_an_object), Err(ReadFault::InputNotAnObject));
}
