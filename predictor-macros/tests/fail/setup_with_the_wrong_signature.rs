use cog::prelude::*;

struct Model;

#[cog::predictor]
impl Model {
    fn setup(&self, weights: String) -> Result<()> {
        drop(weights);
        Ok(())
    }

    fn predict(&self, name: String) -> String {
        name
    }
}

fn main() -> std::process::ExitCode {
    cog::main::<Model>()
}
