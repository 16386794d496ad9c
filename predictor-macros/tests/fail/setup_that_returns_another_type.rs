use cog::prelude::*;

struct Model;

#[cog::predictor]
impl Model {
    fn setup() -> Result<u8> {
        Ok(1)
    }

    fn predict(&self, name: String) -> String {
        name
    }
}

fn main() -> std::process::ExitCode {
    cog::main::<Model>()
}
