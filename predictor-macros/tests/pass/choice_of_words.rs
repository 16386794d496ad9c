use cog::Choice as _;
use cog::model::Predictor as _;
use cog::schema::Type;
use serde_json::json;

#[derive(Debug, PartialEq, cog::Choice)]
enum Style {
    Sharp,
    VerySmooth,
    #[choice(rename = "A B")]
    Other,
}

#[derive(cog::Choice)]
#[choice(rename_all = "SCREAMING_SNAKE_CASE")]
enum Loud {
    VeryLoud,
}

#[cog::predict]
fn styled(
    #[input(default = Style::VerySmooth)] style: Style,
    #[input(default = "A B")] word: Style,
    maybe: Option<Style>,
    #[input(default = Style::Sharp)] optional: Option<Style>,
) -> Style {
    assert_eq!((word, maybe, optional), (Style::Other, None, Some(Style::Sharp)));
    style
}

fn main() {
    assert_eq!(Style::WORDS, ["sharp", "very-smooth", "A B"]);
    assert_eq!(Loud::VeryLoud.as_str(), "VERY_LOUD");
    let signature = styled::signature();
    assert_eq!(signature.faults(), []);
    assert_eq!(
        signature.inputs[0].ty,
        Type::Choice(vec!["sharp".into(), "very-smooth".into(), "A B".into()])
    );
    assert_eq!(cog::testing::predict::<styled>(json!({})).unwrap(), json!("very-smooth"));
    assert_eq!(cog::testing::predict::<styled>(json!({"style": "sharp"})).unwrap(), json!("sharp"));
    cog::testing::predict::<styled>(json!({"style": "blunt"})).unwrap_err();
}
