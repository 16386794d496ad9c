#[derive(Default)]
struct Model;

#[cog::predictor]
impl Model {
    fn run(&self, a: String) -> String {
        a
    }
}

fn main() -> std::process::ExitCode {
    cog::main::<Model>()
}
