use cog::prelude::*;

#[derive(Default)]
struct Model {
    count: u32,
}

#[cog::predictor]
impl Model {
    fn predict(&mut self, a: String) -> String {
        self.count += 1;
        a
    }

    fn healthcheck(self) -> bool {
        self.count > 0
    }
}

#[derive(Default)]
struct Static;

#[cog::predictor]
impl Static {
    fn predict(a: String) -> String {
        a
    }
}

fn main() -> ExitCode {
    cog::main::<Model>();
    cog::main::<Static>()
}
