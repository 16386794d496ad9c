//! What the right form looks like, to be shown once beside the first fault of its kind.

use std::fmt;

/// A form that an author may have missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Predictor,
    Function,
    Setup,
    Healthcheck,
    Limits,
    Pieces,
    Choice,
    Union,
    Structure,
    Batch,
    Inputs,
}

impl fmt::Display for Form {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Form::Predictor => {
                "A predictor looks like this:\n\
                 \n    #[cog::predictor]\
                 \n    impl Upscaler {\
                 \n        fn setup(ctx: &Setup) -> Result<Self> { … }\
                 \n        fn predict(&self, image: cog::Path, scale: f32) -> Result<cog::Path> { … }\
                 \n    }\n"
            }
            Form::Function => {
                "A function that predicts looks like this:\n\
                 \n    #[cog::predict]\
                 \n    fn hello(name: String) -> String { … }\n"
            }
            Form::Setup => {
                "`setup` looks like this:\n\
                 \n    fn setup(ctx: &Setup) -> Result<Self> { … }\n"
            }
            Form::Healthcheck => {
                "`healthcheck` looks like this:\n\
                 \n    fn healthcheck(&self) -> bool { … }\n"
            }
            Form::Limits => {
                "Limits look like this:\n\
                 \n    #[input(default = 2.0, ge = 1.0, le = 8.0)] scale: f32\
                 \n    #[input(default = \"sharp\", choices = [\"sharp\", \"smooth\"])] style: String\
                 \n    #[input(min_length = 1, max_length = 80, regex = \"^[a-z]+$\")] name: String\
                 \n    #[input(accept = \"image/*\", deprecated)] mask: Option<cog::Path>\n"
            }
            Form::Pieces => {
                "Output in pieces looks like this:\n\
                 \n    fn predict(&self, …) -> impl Iterator<Item = String> { … }\
                 \n    async fn predict(&self, …) -> Result<impl Stream<Item = Result<Token>>> { … }\n"
            }
            Form::Choice => {
                "A choice looks like this:\n\
                 \n    #[derive(cog::Choice)]\
                 \n    enum Style {\
                 \n        Sharp,\
                 \n        #[choice(rename = \"very smooth\")]\
                 \n        VerySmooth,\
                 \n    }\n"
            }
            Form::Union => {
                "A union of types looks like this:\n\
                 \n    #[derive(cog::Input)]\
                 \n    enum Prompt {\
                 \n        Text(String),\
                 \n        Tokens(Vec<u32>),\
                 \n    }\n"
            }
            Form::Structure => {
                "A structured output looks like this:\n\
                 \n    #[derive(cog::Output)]\
                 \n    struct Detection {\
                 \n        /// What it is\
                 \n        label: String,\
                 \n        score: f32,\
                 \n    }\n"
            }
            Form::Batch => {
                "Predictions that are made together look like this:\n\
                 \n    #[cog::predict(batch(max = 32, wait = \"5ms\"))]\
                 \n    fn embed(inputs: Vec<Text>) -> Vec<Result<Vec<f32>>> { … }\n\
                 \nwhere the inputs of one prediction are\n\
                 \n    #[derive(cog::Inputs)]\
                 \n    struct Text {\
                 \n        /// What to embed\
                 \n        text: String,\
                 \n    }\n"
            }
            Form::Inputs => {
                "The inputs of a prediction in a batch look like this:\n\
                 \n    #[derive(cog::Inputs)]\
                 \n    struct Text {\
                 \n        /// What to embed\
                 \n        text: String,\
                 \n        #[input(default = true)]\
                 \n        normalize: bool,\
                 \n    }\n"
            }
        })
    }
}
