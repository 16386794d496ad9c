use cog::prelude::*;

#[cog::predict]
fn hello(by_value: Prediction) -> String {
    by_value.id().to_owned()
}

#[cog::predict]
fn twice(a: &Prediction, #[input(default = 1)] b: &Prediction, c: &Setup) -> bool {
    a.id() == b.id() && c.root().exists()
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
