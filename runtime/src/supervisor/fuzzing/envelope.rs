//! The body of a request: read or refused, and what is read is checked against a signature of every type.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::StatusCode;
use cog_schema::{Constraints, Delivery, Input, IntegerRange, Output, Signature, Type};
use serde_json::{Value, json};

use crate::supervisor::http::body;

const SECRET: &str = "a secret that nobody may see";

pub(super) fn target(bytes: &[u8]) {
    let parsed = body::parse(&Bytes::copy_from_slice(bytes));
    let request = match parsed {
        Ok(request) => request,
        Err(refusal) => {
            let status = refusal.status();
            let fits = matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY);
            assert!(fits, "refused with {status}");
            return;
        }
    };
    let text = serde_json::to_vec(&request).expect("an envelope is JSON");
    assert_eq!(body::parse(&text.into()).ok().as_ref(), Some(&request), "it reads as it was written");

    let Ok(checked) = SIGNATURE.check_input(request.input) else { return };
    assert_eq!(checked.input.len(), SIGNATURE.inputs.len(), "every input has a value");
    let complete = Value::Object(checked.input.clone());
    let again = SIGNATURE.check_input(complete).expect("a complete input is allowed");
    assert_eq!(again.input, checked.input, "and complete");
    let mut input = Value::Object(checked.input);
    input["secret"] = SECRET.into();
    input["secrets"] = json!([SECRET]);
    let shown = SIGNATURE.check_input(input).expect("secrets may be anything").shown;
    assert!(!json!(shown).to_string().contains(SECRET), "{shown:?}");
}

/// An input of every type, none of which has to be given.
static SIGNATURE: LazyLock<Signature> = LazyLock::new(|| {
    let optional = |name: &str, ty: Type| Input::new(name, Type::Optional(Box::new(ty)));
    let list = |item: Type| Type::List(Box::new(item));
    let limits = Constraints { min_length: Some(2), regex: Some("^[a-z]".into()), ..Constraints::default() };
    let bounds = Constraints { ge: Some(0.into()), le: Some(10.into()), ..Constraints::default() };
    let inputs = vec![
        Input { constraints: limits, ..optional("text", Type::String) },
        optional("flag", Type::Boolean),
        Input { constraints: bounds, ..optional("whole", Type::Integer(IntegerRange::U8)) },
        optional("large", Type::Integer(IntegerRange::U64)),
        optional("real", Type::Number),
        optional("file", Type::Path),
        optional("secret", Type::Secret),
        optional("secrets", list(Type::Secret)),
        optional("anything", Type::Any),
        optional("tags", list(Type::String)),
        optional("table", Type::Map(Box::new(list(Type::Integer(IntegerRange::I64))))),
        optional("choice", Type::Choice(vec![json!("a"), json!("b")])),
        Input {
            default: Some(Value::Null),
            ..optional("union", Type::Union(vec![Type::Integer(IntegerRange::I64), Type::String]))
        },
    ];
    Signature { inputs, output: Output { ty: Type::String, delivery: Delivery::Single } }
});
