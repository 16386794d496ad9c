use std::collections::{BTreeMap, HashMap};

use cog::model::Predictor as _;
use cog::schema::{IntegerRange, Type};
use serde_json::{Value, json};

#[cog::predict]
fn all(
    text: String,
    truth: bool,
    a: i8,
    b: i16,
    c: i32,
    d: i64,
    e: u8,
    f: u16,
    g: u32,
    h: u64,
    i: f32,
    j: f64,
    file: cog::Path,
    secret: cog::Secret,
    json: Value,
    list: Vec<String>,
    map: HashMap<String, i32>,
    sorted: BTreeMap<String, f64>,
    maybe: Option<u8>,
    r#type: String,
) -> String {
    let integers = (a, b, c, d, e, f, g, h);
    format!(
        "{text} {truth} {integers:?} {i} {j} {} {secret} {} {list:?} {map:?} {sorted:?} {maybe:?} {}{}",
        file.display(),
        json["k"],
        r#type,
        secret.expose(),
    )
}

fn main() {
    let signature = all::signature();
    let ty = |name: &str| signature.input(name).unwrap().ty.clone();
    assert_eq!(ty("h"), Type::Integer(IntegerRange::U64));
    assert_eq!(ty("list"), Type::List(Box::new(Type::String)));
    assert_eq!(ty("maybe"), Type::Optional(Box::new(Type::Integer(IntegerRange::U8))));
    assert_eq!(signature.faults(), []);
    let outcome = cog::testing::predict::<all>(json!({
        "text": "t", "truth": true, "a": -1, "b": -2, "c": -3, "d": i64::MIN, "e": 1, "f": 2, "g": 3,
        "h": u64::MAX, "i": 0.5, "j": 2, "file": "/f", "secret": "s", "json": {"k": 1}, "list": ["x"],
        "map": {"m": 1}, "sorted": {"n": 1.5}, "type": "y",
    }));
    let integers = format!("(-1, -2, -3, {}, 1, 2, 3, {})", i64::MIN, u64::MAX);
    let expected =
        format!(r#"t true {integers} 0.5 2 /f ********** 1 ["x"] {{"m": 1}} {{"n": 1.5}} None ys"#);
    assert_eq!(outcome.unwrap(), json!(expected));
}
