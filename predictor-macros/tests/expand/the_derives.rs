#[derive(cog::Output)]
struct Detection {
    /// What it is
    label: String,
    #[output(rename = "box")]
    frame: Vec<u32>,
}

#[derive(cog::Choice)]
enum Style {
    Sharp,
    VerySmooth,
}

#[derive(cog::Input)]
enum Prompt {
    Text(String),
    Tokens(Vec<u32>),
}
