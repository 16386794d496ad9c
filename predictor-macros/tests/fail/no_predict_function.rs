#[derive(Default)]
struct Model;

#[cog::predictor]
impl Model {
    fn setup() -> Self {
        Self
    }
}

fn main() -> std::process::ExitCode {
    cog::main::<Model>()
}
