//! Signatures of the recorded models, as a Rust predictor of the same inputs and output has them.

use cog_schema::{Delivery, Field, Input, IntegerRange, Output, Signature, Type};
use serde_json::{Number, Value, json};

/// The signature of the recorded model of that name.
pub(crate) fn signature(model: &str) -> Signature {
    let (inputs, output) = match model {
        "inputs" => (inputs(), single(Type::Any)),
        "union" => (union(), single(Type::String)),
        "bareopt" => {
            (vec![Input::new("a", optional(Type::String)), Input::new("b", i64())], single(Type::String))
        }
        "iter" => (
            vec![
                default(Input::new("n", i64()), 3),
                default(Input::new("delay", Type::Number), 0.0),
                default(Input::new("fail_at", i64()), -1),
            ],
            pieces(Delivery::Iterator),
        ),
        "stream" => (
            vec![
                default(Input::new("n", i64()), 3),
                default(Input::new("delay", Type::Number), 0.0),
                default(Input::new("fail_at", i64()), -1),
                default(Input::new("tail", Type::Number), 0.0),
            ],
            pieces(Delivery::Concatenate),
        ),
        "secret" => (
            vec![Input::new("token", Type::Secret), default(Input::new("seconds", Type::Number), 2.0)],
            single(Type::String),
        ),
        "pathout" => (
            vec![
                default(Input::new("filename", Type::String), "out.txt"),
                default(Input::new("text", Type::String), "file body"),
                default(Input::new("missing", Type::Boolean), false),
            ],
            single(Type::Path),
        ),
        "pathlist" => (vec![default(Input::new("n", i64()), 2)], single(Type::List(Box::new(Type::Path)))),
        "model_out" => (vec![default(Input::new("x", i64()), 1)], single(result())),
        "echo" => (vec![described(Input::new("text", Type::String), "Text to echo")], single(Type::String)),
        "slow" => (
            vec![
                default(Input::new("seconds", Type::Number), 2.0),
                default(Input::new("mode", Type::String), "loop"),
                default(Input::new("cleanup", Type::Number), 0.0),
            ],
            single(Type::String),
        ),
        "failing" => (vec![default(Input::new("kind", Type::String), "value")], single(Type::String)),
        "crash" => (
            vec![
                default(Input::new("kind", Type::String), "exit"),
                default(Input::new("wait", Type::Number), 0.3),
            ],
            single(Type::String),
        ),
        "anyout" => (vec![default(Input::new("kind", Type::String), "dict")], single(Type::Any)),
        "regex" => {
            let mut a = Input::new("a", Type::String);
            a.constraints.regex = Some("b".into());
            let mut n = default(Input::new("n", Type::String), "x");
            n.constraints.max_length = Some(2);
            (vec![a, n], single(Type::String))
        }
        "filein" => (
            vec![
                default(Input::new("path", optional(Type::Path)), Value::Null),
                default(Input::new("paths", Type::List(Box::new(Type::Path))), json!([])),
                default(Input::new("file", optional(Type::Path)), Value::Null),
                default(Input::new("text", Type::String), "plain"),
            ],
            single(Type::Any),
        ),
        other => panic!("no twin of `{other}`"),
    };
    Signature { inputs, output }
}

fn inputs() -> Vec<Input> {
    let mut count = default(described(Input::new("count", i64()), "How many"), 3);
    count.constraints.ge = Some(Number::from(1));
    count.constraints.le = Some(Number::from(10));
    let mut scale = default(Input::new("scale", Type::Number), 1.5);
    scale.constraints.ge = Number::from_f64(0.0);
    scale.constraints.le = Number::from_f64(2.5);
    let styles = vec![json!("fast"), json!("balanced"), json!("quality")];
    let style = default(described(Input::new("style", Type::Choice(styles)), "Style"), "balanced");
    let mut level = default(Input::new("level", i64()), 2);
    level.constraints.choices = Some(vec![json!(1), json!(2), json!(3)]);
    let mut name = default(Input::new("name", Type::String), "bob");
    name.constraints.min_length = Some(2);
    name.constraints.max_length = Some(5);
    let mut code = default(Input::new("code", Type::String), "ab1");
    code.constraints.regex = Some("^[a-z]+[0-9]$".into());
    let mut image =
        default(described(Input::new("image", optional(Type::Path)), "Optional image"), Value::Null);
    image.accept = Some("image/*".to_owned());
    let mut old = default(Input::new("old", Type::String), "x");
    old.deprecated = true;
    vec![
        described(Input::new("prompt", Type::String), "The prompt"),
        count,
        scale,
        style,
        level,
        default(Input::new("flag", Type::Boolean), false),
        name,
        code,
        image,
        default(described(Input::new("token", optional(Type::Secret)), "Secret"), Value::Null),
        default(Input::new("tags", Type::List(Box::new(Type::String))), json!(["a", "b"])),
        described(Input::new("opt", optional(Type::String)), "optional text"),
        default(Input::new("bare_opt", optional(i64())), Value::Null),
        default(Input::new("params", Type::Map(Box::new(Type::Any))), json!({})),
        old,
    ]
}

fn union() -> Vec<Input> {
    vec![
        described(Input::new("value", Type::Union(vec![Type::String, Type::Number])), "string or number"),
        default(Input::new("maybe", optional(Type::Union(vec![Type::String, i64()]))), Value::Null),
        default(Input::new("items", Type::List(Box::new(i64()))), json!([1, 2])),
    ]
}

fn result() -> Type {
    let field = |name: &str, ty| Field { name: name.to_owned(), ty, description: None };
    Type::Object(vec![
        field("text", Type::String),
        field("score", Type::Number),
        field("file", Type::Path),
        field("note", optional(Type::String)),
        field("tags", optional(Type::List(Box::new(Type::String)))),
    ])
}

fn i64() -> Type {
    Type::Integer(IntegerRange::I64)
}

fn optional(ty: Type) -> Type {
    Type::Optional(Box::new(ty))
}

fn default(input: Input, value: impl Into<Value>) -> Input {
    Input { default: Some(value.into()), ..input }
}

fn described(input: Input, words: &str) -> Input {
    Input { description: Some(words.to_owned()), ..input }
}

fn single(ty: Type) -> Output {
    Output { ty, delivery: Delivery::Single }
}

fn pieces(delivery: Delivery) -> Output {
    Output { ty: Type::String, delivery }
}
