use cog::model::Predictor as _;
use cog::schema::Type;
use serde_json::json;

#[derive(Debug, cog::Input)]
enum Prompt {
    Text(String),
    Number(f64),
    Tokens(Vec<u32>),
}

#[cog::predict]
fn read(prompt: Prompt, #[input(default = "x")] other: Option<Prompt>) -> String {
    format!("{prompt:?} {other:?}")
}

fn main() {
    let signature = read::signature();
    assert!(matches!(&signature.inputs[0].ty, Type::Union(types) if types.len() == 3));
    let said = |prompt| cog::testing::predict::<read>(json!({"prompt": prompt})).unwrap();
    assert_eq!(said(json!("a")), json!(r#"Text("a") Some(Text("x"))"#));
    assert_eq!(said(json!(1)), json!(r#"Number(1.0) Some(Text("x"))"#));
    assert_eq!(said(json!([1, 2])), json!(r#"Tokens([1, 2]) Some(Text("x"))"#));
    cog::testing::predict::<read>(json!({"prompt": true})).unwrap_err();
}
