use cog::model::Predictor as _;
use cog::schema::{Field, Type};
use serde_json::json;

#[derive(cog::Output)]
struct Point {
    x: f32,
    y: f32,
}

#[derive(cog::Output)]
struct Detection {
    /// What it is
    label: String,
    at: Vec<Point>,
    #[output(rename = "type")]
    kind: &'static str,
    r#as: bool,
    note: Option<String>,
    picture: cog::Path,
}

#[cog::predict]
fn detect() -> Vec<Detection> {
    vec![Detection {
        label: "cat".to_owned(),
        at: vec![Point { x: 0.5, y: 1.0 }],
        kind: "animal",
        r#as: true,
        note: None,
        picture: cog::Path::new("/cat.png"),
    }]
}

fn main() {
    let Type::List(item) = detect::signature().output.ty else { panic!() };
    let Type::Object(fields) = *item else { panic!() };
    let label = Field { name: "label".into(), ty: Type::String, description: Some("What it is".into()) };
    assert_eq!(fields[0], label);
    assert_eq!(
        cog::testing::predict::<detect>(json!({})).unwrap(),
        json!([{
            "label": "cat", "at": [{"x": 0.5, "y": 1.0}], "type": "animal", "as": true, "note": null,
            "picture": "/cat.png",
        }]),
    );
}
