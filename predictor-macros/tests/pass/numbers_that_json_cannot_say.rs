use serde_json::json;

#[derive(cog::Output)]
struct Score {
    value: f32,
}

#[cog::predict]
fn nan() -> Score {
    Score { value: f32::NAN }
}

fn main() {
    let error = cog::testing::predict::<nan>(json!({})).unwrap_err();
    assert_eq!(error, "`value`: the output holds NaN, which JSON cannot say");
}
