#[derive(Default)]
struct Model;

#[cog::predictor]
impl Model {
    fn predict(&self, name: String) {
        drop(name);
    }
}

fn main() -> std::process::ExitCode {
    cog::main::<Model>()
}
