use cog::model::Predictor as _;

#[cog::predict]
fn described(
    /// Picture to enlarge,
    /// however small
    ///
    /// PNG only
    image: cog::Path,
    #[doc = "Factor"] scale: f32,
    plain: bool,
) -> String {
    format!("{image:?} {scale} {plain}")
}

fn main() {
    let signature = described::signature();
    let description = |name: &str| signature.input(name).unwrap().description.clone();
    assert_eq!(description("image").as_deref(), Some("Picture to enlarge, however small\n\nPNG only"));
    assert_eq!(description("scale").as_deref(), Some("Factor"));
    assert_eq!(description("plain"), None);
    let order: Vec<_> = signature.inputs.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(order, ["image", "scale", "plain"]);
}
