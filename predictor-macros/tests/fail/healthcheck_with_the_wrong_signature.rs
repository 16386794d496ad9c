use cog::prelude::*;

#[derive(Default)]
struct Model;

#[cog::predictor]
impl Model {
    fn predict(&self, name: String) -> String {
        name
    }

    fn healthcheck(&self, ctx: &Setup) -> bool {
        ctx.root().exists()
    }
}

#[derive(Default)]
struct Other;

#[cog::predictor]
impl Other {
    fn predict(&self, name: String) -> String {
        name
    }

    fn healthcheck(&self) -> u8 {
        1
    }
}

fn main() -> std::process::ExitCode {
    cog::main::<Model>()
}
